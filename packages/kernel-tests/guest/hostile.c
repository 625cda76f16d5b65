/*
 * Processes that make a sensor stumble: odd names and arguments, odd states, memory, I/O and CPU time
 * that are easy to miss. They stay until they are killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

static void rest(void)
{
	for (;;)
		pause();
}

/* Runs this same program again, under arguments of our choosing; main.c lets it rest under the name. */
static void as(const char *name, char *const args[])
{
	setenv("GUEST_REST", name, 1);
	execv("/proc/self/exe", args);
	fail("exec");
}

static void quotes(void)
{
	as("q\"uo\\te\n\t\r", (char *[]){ "a\"b", "c\\d", "line\nbreak", "tab\tbell\a", "\x01\x02\x1f\x7f", NULL });
}

static void not_utf8(void)
{
	as("\xff\xfe\xc0\x80\xed\xa0\x80", (char *[]){ "over\xc0\xaflong", "sur\xed\xa0\x80rogate",
		"\xf4\x90\x80\x80", "cut\xe2\x82", "\xe2\x28\xa1", "\xff", NULL });
}

static void utf8(void)
{
	as("\xc3\xb1""and\xc3\xba \xe6\x97\xa5", (char *[]){ "\xf0\x9f\x98\x80", "\xe6\x97\xa5\xe6\x9c\xac",
		"\xc2\x80", "\xf4\x8f\xbf\xbf", NULL });
}

static void long_argument(void)
{
	char *text = malloc(4097);

	memset(text, 'x', 4096);
	text[4096] = 0;
	as("long", (char *[]){ text, "beyond", NULL });
}

static void many_arguments(void)
{
	char **args = calloc(20001, sizeof(*args));
	size_t i;

	for (i = 0; i < 20000; i++)
		args[i] = i % 3 ? "\xe2\x82\xac" : "";
	as("many", args);
}

static void no_arguments(void)
{
	as("", (char *[]){ NULL });
}

static void empty_arguments(void)
{
	as("empty", (char *[]){ "", "", "", NULL });
}

/* Overwrites its own arguments, and the environment behind them, with a title, as daemons do. */
static void title(void)
{
	setenv("GUEST_TITLE", "1", 1);
	as("title", (char *[]){ "short", NULL });
}

static void zombie(void)
{
	if (!fork())
		_exit(0);
	rest();
}

static void *thread_rests(void *memory)
{
	memset(memory, 1, 8 << 20);
	rest();
	return NULL;
}

/* Its first thread exits; the others and their memory go on. */
static void headless(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, thread_rests, malloc(8 << 20));
	syscall(60 /* exit, of this thread only */, 0);
}

static void stopped(void)
{
	raise(SIGSTOP);
	rest();
}

static void nested(void)
{
	if (unshare(CLONE_NEWPID))
		fail("unshare");
	if (!fork())
		rest();
	rest();
}

static void *thread_burns(void *unused)
{
	burn(0.05);
	return unused;
}

/* CPU time of its own, of threads that are gone, and of children that are gone. */
static void worker(void)
{
	pthread_t thread;
	int i;

	burn(0.1);
	for (i = 0; i < 3; i++) {
		pthread_create(&thread, NULL, thread_burns, NULL);
		pthread_join(thread, NULL);
		if (!fork()) {
			burn(0.05);
			_exit(0);
		}
		wait(NULL);
	}
	rest();
}

/* Resident memory of all three kinds: anonymous, of a file, shared; and address space without any. */
static void memory(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	volatile char sum = 0;
	char *text;
	long i;

	memset(malloc(64 << 20), 1, 64 << 20);
	memset(mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 1, 8 << 20);
	mmap(NULL, 1L << 36, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	text = mmap(NULL, 1 << 19, PROT_READ, MAP_PRIVATE, fd, 0);
	for (i = 0; i < 1 << 19; i += 4096)
		sum += text[i];
	rest();
}

/* Reads and writes storage past the page cache, where there is a disk; so do a thread and a child. */
static void *disk_io(void *unused)
{
	int fd = open("/dev/ram0", O_RDWR | O_DIRECT);
	void *block;
	int i;

	if (fd < 0 || posix_memalign(&block, 4096, 4096))
		return unused;
	memset(block, 7, 4096);
	for (i = 0; i < 10; i++)
		if (pwrite(fd, block, 4096, i * 4096L) < 0 || pread(fd, block, 4096, 0) < 0)
			fail("/dev/ram0");
	close(fd);
	return unused;
}

static void storage(void)
{
	pthread_t thread;

	disk_io(NULL);
	pthread_create(&thread, NULL, disk_io, NULL);
	pthread_join(thread, NULL);
	if (!fork()) {
		disk_io(NULL);
		_exit(0);
	}
	wait(NULL);
	rest();
}

static const struct {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "quotes", quotes }, { "not_utf8", not_utf8 }, { "utf8", utf8 }, { "long", long_argument },
	{ "many", many_arguments }, { "none", no_arguments }, { "empty", empty_arguments }, { "title", title },
	{ "zombie", zombie }, { "headless", headless }, { "stopped", stopped }, { "nested", nested },
	{ "worker", worker }, { "memory", memory }, { "storage", storage },
};

/* hostile LIST [CGROUP...]: starts all of them, spread over the cgroups; LIST gets "<pid> <kind>" lines. */
int hostile(int argc, char **argv)
{
	FILE *list = fopen(argv[1], "w");
	size_t i;

	if (!list)
		fail("%s", argv[1]);
	setvbuf(list, NULL, _IOLBF, 0);
	for (i = 0; i < COUNT_OF(kinds); i++) {
		int pid = fork();

		if (pid < 0)
			fail("fork");
		if (!pid) {
			if (argc > 2)
				join_cgroup(argv[2 + i % (argc - 2)]);
			prctl(PR_SET_NAME, kinds[i].name);
			kinds[i].run();
			_exit(1);
		}
		fprintf(list, "%d %s\n", pid, kinds[i].name);
	}
	fclose(list);
	return 0;
}
