/* Load on the sensor: many readers, many processes, processes that come and go. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

static int read_until(double end, int files, char **file)
{
	int count = 0;

	while (now() < end || !count) {
		size_t len, at = 0;
		char *text = slurp(file[count % files], &len);

		if (!text || !len || !json_valid(text, len, &at)) {
			printf("reader: not valid at byte %zu: %s\n", at, text ? "" : strerror(errno));
			return -1;
		}
		free(text);
		count++;
	}
	return count;
}

int readers(int argc, char **argv)
{
	int count = atoi(argv[1]), i, status, sum = 0, results[2];
	double end = now() + atof(argv[2]);

	if (pipe(results))
		fail("pipe");
	for (i = 0; i < count; i++) {
		int done;

		if (fork())
			continue;
		done = read_until(end, argc - 3, argv + 3);
		if (done < 0 || write(results[1], &done, sizeof(done)) != sizeof(done))
			_exit(1);
		_exit(0);
	}
	while (wait(&status) > 0)
		if (status)
			return 1;
	for (i = 0; i < count; i++) {
		int done = 0;

		if (read(results[0], &done, sizeof(done)) != sizeof(done))
			fail("pipe");
		sum += done;
	}
	printf("%d readers read %d whole documents\n", count, sum);
	return 0;
}

static void start_idle(int count, int cgroups, char **cgroup)
{
	int i;

	for (i = 0; i < count; i++) {
		int pid = fork();

		if (pid < 0)
			fail("fork");
		if (!pid) {
			if (cgroups)
				join_cgroup(cgroup[i % cgroups]);
			for (;;)
				pause();
		}
	}
}

int crowd(int argc, char **argv)
{
	start_idle(atoi(argv[1]), argc - 2, argv + 2);
	return 0;
}

/* The files that a reader of /proc needs for the same fields. */
static size_t walk_proc(int kinds)
{
	static const char *const files[] = { "stat", "status", "cmdline", "cgroup", "io" };
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char path[300];
	size_t sum = 0, len;
	int i;

	while ((entry = readdir(proc))) {
		for (i = 0; i < kinds && isdigit(entry->d_name[0]); i++) {
			char *text;

			snprintf(path, sizeof(path), "/proc/%s/%s", entry->d_name, files[i]);
			text = slurp(path, &len);
			sum += text ? len : 0;
			free(text);
		}
	}
	closedir(proc);
	return sum;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

enum { BENCH_RUNS = 7 };

/* Median of some runs, in milliseconds: of one read of the file, or of a walk over /proc. */
static double median_ms(const char *file, int kinds)
{
	double took[BENCH_RUNS];
	size_t len;
	int i;

	for (i = 0; i < BENCH_RUNS; i++) {
		double start = now();

		if (file)
			free(slurp(file, &len));
		else
			walk_proc(kinds);
		took[i] = (now() - start) * 1000;
	}
	qsort(took, BENCH_RUNS, sizeof(*took), by_size);
	return took[BENCH_RUNS / 2];
}

int bench(int argc, char **argv)
{
	int count = atoi(argv[1]);
	double module, stat_only, all;

	(void)argc;
	setpgid(0, 0);
	start_idle(count, 0, NULL);
	module = median_ms(argv[2], 0);
	stat_only = median_ms(NULL, 1);
	all = median_ms(NULL, 5);
	printf("{\"processes\":%d,\"module_ms\":%.2f,\"stat_only_ms\":%.2f,\"five_files_ms\":%.2f}\n", count,
	       module, stat_only, all);
	fflush(stdout);
	kill(0, SIGKILL); /* the whole group: the idle processes, and this one with them */
	return 0;
}

static void *short_thread(void *unused)
{
	return unused;
}

/* Forks, execs, starts threads, moves between cgroups, makes and removes cgroups below them. */
static void churn_until(double end, const char *cgroup)
{
	char child[4200];
	unsigned int round = 0;

	snprintf(child, sizeof(child), "%s/churn-%d", cgroup, getpid());
	while (now() < end) {
		pthread_t thread;
		int pid = fork();

		if (!pid) {
			if (round % 4 == 1)
				execl("/proc/self/exe", "guest", "\"odd\"\n\xff", NULL);
			if (round % 4 == 2 && !pthread_create(&thread, NULL, short_thread, NULL))
				pthread_join(thread, NULL);
			if (round % 4 == 3 && !mkdir(child, 0755))
				join_cgroup(child);
			_exit(0);
		}
		while (waitpid(-1, NULL, 0) > 0)
			;
		rmdir(child);
		round++;
	}
}

int churn(int argc, char **argv)
{
	double end = now() + atof(argv[1]);
	int i;

	/* What an exec'ed copy of this program prints about its odd arguments is not wanted. */
	if (!freopen("/dev/null", "w", stderr))
		fail("/dev/null");
	for (i = 0; i < 4; i++) {
		if (fork())
			continue;
		join_cgroup(argv[2 + i % (argc - 2)]);
		churn_until(end, argv[2 + i % (argc - 2)]);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

int spin(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (;;)
		burn(1);
}

int touch(int argc, char **argv)
{
	size_t size = (size_t)atoi(argv[1]) << 20, i;
	volatile char *memory = malloc(size);

	(void)argc;
	if (!memory)
		fail("malloc");
	for (i = 0; i < size; i += 4096)
		memory[i] = 1;
	for (;;)
		pause();
}
