// SPDX-License-Identifier: GPL-2.0
/*
 * The files in /proc and the module's parameters. Each read takes a new frame; the only state
 * kept is the number of frames.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "compat.h"
#include "document.h"
#include "frame.h"
#include "proc_file.h"

#define CARNET_MAX 20
#define NAME_MAX_LEN 64

/* What one process takes in the document, and then some. */
#define PROCESS_SIZE 512UL

static char *carnet = "";
module_param(carnet, charp, 0444);
MODULE_PARM_DESC(carnet, "student number that ends the names of the files in /proc; digits only");

static ushort mode = 0400;
module_param(mode, ushort, 0444);
MODULE_PARM_DESC(mode, "who may read the files: 0400 (root), 0440 (and the group gid), 0444 (all)");

static uint gid;
module_param(gid, uint, 0444);
MODULE_PARM_DESC(gid, "group that the files belong to");

static bool cmdline = true;
module_param(cmdline, bool, 0644);
MODULE_PARM_DESC(cmdline, "publish command lines");

static atomic64_t frames = ATOMIC64_INIT(0);

static int show(struct seq_file *m, void *unused)
{
	const struct proc_file *file = m->private;
	struct frame *frame = frame_take(file->everything);

	if (IS_ERR(frame))
		return PTR_ERR(frame);
	document_print(m, frame, atomic64_inc_return(&frames), READ_ONCE(cmdline));
	frame_release(frame);
	return 0;
}

/*
 * Room for a document of all processes. Were it too small, seq_file would double it and take
 * another frame, as often as needed: at 10,000 processes, eleven times.
 */
static size_t expected_size(void)
{
	unsigned int pids = READ_ONCE(init_pid_ns.pid_allocated) & ~PIDNS_ADDING;

	return PAGE_ALIGN(PROCESS_SIZE * (16 + min_t(size_t, pids, PROCESSES_MAX)));
}

/*
 * A file in /proc is in every mount of procfs, those of containers included: whoever reads from
 * within another PID namespace is not to see the host, whatever the file's mode says.
 */
static int open(struct inode *inode, struct file *file)
{
	if (task_active_pid_ns(current) != &init_pid_ns)
		return -EPERM;
	return single_open_size(file, show, pde_data(inode), expected_size());
}

static const struct proc_ops ops = {
	.proc_open	= open,
	.proc_read_iter	= seq_read_iter,
	.proc_lseek	= seq_lseek,
	.proc_release	= single_release,
};

static bool is_carnet(const char *text)
{
	size_t len = strlen(text), i;

	for (i = 0; i < len; i++)
		if (!isdigit(text[i]))
			return false;
	return len > 0 && len <= CARNET_MAX;
}

static int check_parameters(void)
{
	if (!is_carnet(carnet)) {
		pr_err("carnet must be 1 to %d digits and nothing else, as in carnet=202400001\n",
		       CARNET_MAX);
		return -EINVAL;
	}
	if (mode & ~0444) {
		pr_err("mode must be octal and give no more than reading, as in mode=0440\n");
		return -EINVAL;
	}
	if (!gid_valid(make_kgid(&init_user_ns, gid))) {
		pr_err("gid must be the number of a group\n");
		return -EINVAL;
	}
	return 0;
}

static void name_of(const struct proc_file *file, char *name)
{
	snprintf(name, NAME_MAX_LEN, "%s%s", file->prefix, carnet);
}

int proc_files_create(const struct proc_file *files, size_t count)
{
	char name[NAME_MAX_LEN];
	int err = check_parameters();
	size_t i;

	if (err)
		return err;
	for (i = 0; i < count; i++) {
		struct proc_dir_entry *entry;

		name_of(&files[i], name);
		entry = proc_create_data(name, mode, NULL, &ops, (void *)&files[i]);
		if (!entry) {
			pr_err("/proc/%s could not be created\n", name);
			proc_files_remove(files, i);
			return -ENOMEM;
		}
		proc_set_user(entry, GLOBAL_ROOT_UID, make_kgid(&init_user_ns, gid));
	}
	return 0;
}

void proc_files_remove(const struct proc_file *files, size_t count)
{
	char name[NAME_MAX_LEN];

	while (count--) {
		name_of(&files[count], name);
		remove_proc_entry(name, NULL);
	}
}
