/* Keeps what /proc says of all processes, for a comparison made outside the guest. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "guest.h"

int capture(int argc, char **argv)
{
	static const char *const files[] = { "stat", "status", "cmdline", "comm", "cgroup", "io" };
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char path[512];
	size_t i, len;

	(void)argc;
	mkdir(argv[1], 0755);
	while ((entry = readdir(proc))) {
		if (!isdigit(entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		mkdir(path, 0755);
		for (i = 0; i < COUNT_OF(files); i++) {
			char *text;

			snprintf(path, sizeof(path), "/proc/%s/%s", entry->d_name, files[i]);
			text = slurp(path, &len);
			if (!text)
				continue;
			snprintf(path, sizeof(path), "%s/%s/%s", argv[1], entry->d_name, files[i]);
			spill(path, text, len);
			free(text);
		}
	}
	closedir(proc);
	return 0;
}
