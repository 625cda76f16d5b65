/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SENSOR_PROCESS_H
#define SENSOR_PROCESS_H

#include <linux/list.h>
#include <linux/sched.h>
#include <linux/types.h>

struct container;

/* One process (thread group) of a frame. Holds a reference to its leader. */
struct process {
	struct list_head node;
	struct task_struct *task;
	struct container *container;
	pid_t pid;
	char name[TASK_COMM_LEN];
	char state;
	bool alive;		/* has a thread left; a zombie has none */
	bool io_known;
	u64 vsz_kb;
	u64 rss_kb;
	u64 cpu_ns;
	u64 reaped_ns;		/* CPU time of the children it has waited for */
	u64 start_ns;		/* since boot */
	u64 read_bytes;
	u64 written_bytes;
};

void process_read(struct process *process, struct task_struct *task);
size_t process_command_line(struct task_struct *task, char *text, size_t size);

#endif
