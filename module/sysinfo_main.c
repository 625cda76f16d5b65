// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/sysinfo_<carnet>, the processes of containers, and /proc/sysinfo_so1_<carnet>, all of
 * them.
 */
#include <linux/kernel.h>
#include <linux/module.h>

#include "proc_file.h"

static const struct proc_file files[] = {
	{ .prefix = "sysinfo_", .everything = false },
	{ .prefix = "sysinfo_so1_", .everything = true },
};

static int __init sysinfo_init(void)
{
	return proc_files_create(files, ARRAY_SIZE(files));
}

static void __exit sysinfo_exit(void)
{
	proc_files_remove(files, ARRAY_SIZE(files));
}

module_init(sysinfo_init);
module_exit(sysinfo_exit);

MODULE_DESCRIPTION("memory, containers and processes of this host as JSON in /proc");
MODULE_AUTHOR("Gestor");
MODULE_LICENSE("GPL");
