/* Ways of reading the sensor's file that a careless module does not survive or should not allow. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define TEXT_MAX (64 << 20)

static void check(const char *how, const char *text, size_t len)
{
	size_t at;

	if (!len || !json_valid(text, len, &at)) {
		printf("%s: not valid JSON at byte %zu of %zu\n", how, len ? at : 0, len);
		exit(1);
	}
	printf("%s: ok, %zu bytes\n", how, len);
}

static size_t in_pieces(int fd, char *text, size_t piece)
{
	size_t used = 0;
	ssize_t got;

	while ((got = read(fd, text + used, piece)) > 0)
		used += got;
	if (got < 0)
		fail("read");
	return used;
}

/* Pieces of 1, 7 and 4096 bytes; pread at growing offsets; back to the start; past the end. */
int partial(int argc, char **argv)
{
	static const size_t sizes[] = { 1, 7, 4096 };
	char *text = malloc(TEXT_MAX);
	size_t used = 0, i;
	ssize_t got;
	int fd;

	(void)argc;
	for (i = 0; i < COUNT_OF(sizes); i++) {
		fd = open(argv[1], O_RDONLY);
		if (fd < 0)
			fail("%s", argv[1]);
		check("pieces", text, in_pieces(fd, text, sizes[i]));
		close(fd);
	}
	fd = open(argv[1], O_RDONLY);
	while ((got = pread(fd, text + used, 1000, used)) > 0)
		used += got;
	check("pread", text, used);
	lseek(fd, 0, SEEK_SET);
	check("from the start again", text, in_pieces(fd, text, 1 << 16));
	lseek(fd, 0, SEEK_SET);
	in_pieces(fd, text, 1 << 16);
	if (lseek(fd, 1L << 40, SEEK_SET) >= 0 && read(fd, text, 1) > 0)
		fail("a byte was read from beyond the end");
	/* Somewhere in the middle: whatever it is, it ends as the document does. */
	lseek(fd, 100, SEEK_SET);
	used = in_pieces(fd, text, 1 << 16);
	if (used < 2 || memcmp(text + used - 2, "}\n", 2))
		fail("the rest after a seek is not the end of a document");
	close(fd);
	return 0;
}

/* From inside a container with its own PID namespace and its own /proc: must be refused, even to root. */
int foreign(int argc, char **argv)
{
	int status;

	(void)argc;
	if (unshare(CLONE_NEWPID | CLONE_NEWNS))
		fail("unshare");
	if (!fork()) {
		char path[512];
		int fd;

		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
		if (mount("proc", "/mnt", "proc", 0, NULL))
			fail("mount");
		snprintf(path, sizeof(path), "/mnt/%s", strrchr(argv[1], '/') + 1);
		fd = open(path, O_RDONLY);
		_exit(fd >= 0 ? 1 : errno == EPERM ? 0 : 2);
	}
	wait(&status);
	printf("from another PID namespace: %s\n", status ? "NOT refused" : "refused");
	return status != 0;
}

/* as UID GID FILE: exits 0 if that user can read it, 1 if it is forbidden. */
int as_user(int argc, char **argv)
{
	int fd;

	(void)argc;
	if (setgroups(0, NULL) || setgid(atoi(argv[2])) || setuid(atoi(argv[1])))
		fail("setuid");
	fd = open(argv[3], O_RDONLY);
	if (fd < 0 && errno != EACCES)
		fail("%s", argv[3]);
	return fd < 0;
}

/* Reads half, has the module removed, and reads on: that must end with EIO, and nothing worse. */
int hold(int argc, char **argv)
{
	int fd = open(argv[1], O_RDONLY);
	char text[64];

	(void)argc;
	if (fd < 0 || read(fd, text, sizeof(text)) != sizeof(text))
		fail("%s", argv[1]);
	if (syscall(SYS_delete_module, argv[2], O_NONBLOCK))
		fail("delete_module");
	if (read(fd, text, sizeof(text)) >= 0 || errno != EIO)
		fail("read after the module has gone");
	if (lseek(fd, 0, SEEK_SET) >= 0 && read(fd, text, sizeof(text)) >= 0)
		fail("read from the start after the module has gone");
	close(fd);
	printf("the module went while its file was open\n");
	return 0;
}
