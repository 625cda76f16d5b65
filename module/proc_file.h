/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SENSOR_PROC_FILE_H
#define SENSOR_PROC_FILE_H

#include <linux/types.h>

/* A file in /proc, named by prefix and carnet; it holds all processes or the containers'. */
struct proc_file {
	const char *prefix;
	bool everything;
};

int proc_files_create(const struct proc_file *files, size_t count);
void proc_files_remove(const struct proc_file *files, size_t count);

#endif
