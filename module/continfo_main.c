// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/continfo_so1_<carnet>: the processes of containers, under the name of the 2025 course.
 */
#include <linux/kernel.h>
#include <linux/module.h>

#include "proc_file.h"

static const struct proc_file files[] = {
	{ .prefix = "continfo_so1_", .everything = false },
};

static int __init continfo_init(void)
{
	return proc_files_create(files, ARRAY_SIZE(files));
}

static void __exit continfo_exit(void)
{
	proc_files_remove(files, ARRAY_SIZE(files));
}

module_init(continfo_init);
module_exit(continfo_exit);

MODULE_DESCRIPTION("containers of this host and their processes as JSON in /proc");
MODULE_AUTHOR("Gestor");
MODULE_LICENSE("GPL");
