/*
 * What the guests run: guest COMMAND ARGUMENT...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "guest.h"

static const struct {
	const char *name;
	int least;
	int (*run)(int argc, char **argv);
	const char *usage;
} commands[] = {
	{ "hostile", 1, hostile, "LIST [CGROUP...]  start odd processes, write their pids" },
	{ "capture", 1, capture, "DIR  copy what /proc says of each process" },
	{ "partial", 1, partial, "FILE  read it in pieces and by seeking" },
	{ "foreign", 1, foreign, "FILE  try to read it from another PID namespace" },
	{ "as", 3, as_user, "UID GID FILE  try to read it as that user" },
	{ "hold", 2, hold, "FILE MODULE  keep it open while the module goes" },
	{ "readers", 3, readers, "COUNT SECONDS FILE...  read and check them side by side" },
	{ "bench", 2, bench, "PROCESSES FILE  compare one read with walking /proc" },
	{ "crowd", 2, crowd, "PROCESSES CGROUP...  start idle processes and leave them" },
	{ "spin", 0, spin, "  use a processor for ever" },
	{ "touch", 1, touch, "MB  hold so much memory for ever" },
	{ "churn", 2, churn, "SECONDS CGROUP...  fork, exec, thread and die by thousands" },
};

/* A process that hostile.c has exec'ed again: takes its odd name, and its odd title, and rests. */
static void rest_under(const char *name, char **argv, bool title)
{
	if (title) {
		size_t len = 0;

		while (argv[0][len])
			len++;
		/* Up to the end of the environment's first strings: longer than the arguments were. */
		memset(argv[0], 't', len + 20);
	}
	prctl(PR_SET_NAME, name);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	const char *name = getenv("GUEST_REST");
	size_t i;

	if (name)
		rest_under(strdup(name), argv, getenv("GUEST_TITLE") != NULL);
	for (i = 0; argc > 1 && i < COUNT_OF(commands); i++)
		if (!strcmp(argv[1], commands[i].name) && argc - 2 >= commands[i].least)
			return commands[i].run(argc - 1, argv + 1);
	for (i = 0; i < COUNT_OF(commands); i++)
		fprintf(stderr, "guest %s %s\n", commands[i].name, commands[i].usage);
	return 2;
}
