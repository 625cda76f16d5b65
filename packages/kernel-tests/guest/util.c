#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

void fail(const char *what, ...)
{
	va_list args;

	va_start(args, what);
	fprintf(stderr, "guest: ");
	vfprintf(stderr, what, args);
	fprintf(stderr, ": %s\n", strerror(errno));
	va_end(args);
	exit(1);
}

char *slurp(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 1 << 16, used = 0;
	char *text;
	ssize_t got;

	if (fd < 0)
		return NULL;
	text = malloc(size);
	while ((got = read(fd, text + used, size - used)) > 0) {
		used += got;
		if (used == size)
			text = realloc(text, size *= 2);
	}
	close(fd);
	if (got < 0) {
		free(text);
		return NULL;
	}
	*len = used;
	return text;
}

void spill(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		fail("%s", path);
	while (len) {
		ssize_t done = write(fd, text, len);

		if (done < 0)
			fail("%s", path);
		text += done;
		len -= done;
	}
	close(fd);
}

void join_cgroup(const char *cgroups)
{
	char list[4096], path[4200], *cgroup, *rest = list;

	snprintf(list, sizeof(list), "%s", cgroups);
	while ((cgroup = strsep(&rest, ":"))) {
		int fd;

		snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "0", 1) < 0)
			fail("%s", path);
		close(fd);
	}
}

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static double used(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

void burn(double seconds)
{
	double end = used() + seconds;

	while (used() < end)
		;
}
