// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs planted on purpose, one for each boot: they show that the detectors would catch the module's own.
 * Each is what the sensor could do wrong while it answers a read.
 */
#include <linux/cgroup.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

static char *bug = "";
module_param(bug, charp, 0444);

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);

static void use_after_free(void)
{
	char *name = kzalloc(TASK_COMM_LEN, GFP_KERNEL);

	if (!name)
		return;
	kfree(name);
	pr_info("planted: %d\n", READ_ONCE(name[3]));
}

static void out_of_bounds(void)
{
	char *name = kmalloc(TASK_COMM_LEN, GFP_KERNEL);
	size_t i;

	if (!name)
		return;
	for (i = 0; i <= TASK_COMM_LEN; i++)
		WRITE_ONCE(name[i], 'x');
	kfree(name);
}

static void sleep_under_rcu(void)
{
	void *page;

	rcu_read_lock();
	page = kmalloc(PAGE_SIZE, GFP_KERNEL);
	rcu_read_unlock();
	kfree(page);
}

static void missing_rcu(void)
{
	pr_info("planted: %d\n", task_cgroup(current, 0)->level);
}

static void lock_inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void leak(void)
{
	int i;

	for (i = 0; i < 10; i++)
		if (!kmalloc(500 + i, GFP_KERNEL))
			return;
}

static const struct {
	const char *name;
	void (*plant)(void);
} bugs[] = {
	{ "use_after_free", use_after_free },
	{ "out_of_bounds", out_of_bounds },
	{ "sleep_under_rcu", sleep_under_rcu },
	{ "missing_rcu", missing_rcu },
	{ "lock_inversion", lock_inversion },
	{ "leak", leak },
};

static int show(struct seq_file *m, void *unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++)
		if (!strcmp(bug, bugs[i].name))
			bugs[i].plant();
	return 0;
}

static int __init planted_init(void)
{
	return proc_create_single("planted", 0400, NULL, show) ? 0 : -ENOMEM;
}

static void __exit planted_exit(void)
{
	remove_proc_entry("planted", NULL);
}

module_init(planted_init);
module_exit(planted_exit);

MODULE_DESCRIPTION("bugs planted on purpose");
MODULE_LICENSE("GPL");
