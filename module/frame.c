// SPDX-License-Identifier: GPL-2.0
/*
 * One walk over all processes. Each step is an RCU section of its own, so that nothing is held
 * up however many there are, and every task that is kept is kept by a reference: it may die at
 * any moment, and its task_struct stays for as long as the frame does.
 */
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "frame.h"
#include "process.h"

/* The process with the lowest pid from *pid on, with a reference, or NULL. */
static struct task_struct *next_process(int *pid)
{
	struct task_struct *task = NULL;
	struct pid *entry;

	rcu_read_lock();
	while (!task) {
		entry = idr_get_next(&init_pid_ns.idr, pid);
		if (!entry)
			break;
		task = pid_task(entry, PIDTYPE_TGID);
		if (task)
			get_task_struct(task);
		else
			++*pid;
	}
	rcu_read_unlock();
	return task;
}

/* Enters one process into the frame, taking over the reference to its task. */
static int add_process(struct frame *frame, struct task_struct *task, int pid,
		       bool everything)
{
	struct container *container;
	struct process *process;

	container = container_of_task(&frame->containers, task, frame->scratch,
				      sizeof(frame->scratch));
	if (IS_ERR(container) || (!container && !everything)) {
		put_task_struct(task);
		return PTR_ERR_OR_ZERO(container);
	}
	process = kzalloc(sizeof(*process), GFP_KERNEL_ACCOUNT);
	if (!process) {
		put_task_struct(task);
		return -ENOMEM;
	}
	process->pid = pid;
	process->container = container;
	process_read(process, task);
	if (container)
		container_add(container, process);
	list_add_tail(&process->node, &frame->processes);
	frame->process_count++;
	return 0;
}

static int walk(struct frame *frame, bool everything)
{
	struct task_struct *task;
	int err, pid;

	for (pid = 1; (task = next_process(&pid)); pid++) {
		if (frame->process_count == PROCESSES_MAX) {
			put_task_struct(task);
			frame->truncated = true;
			return 0;
		}
		err = add_process(frame, task, pid, everything);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* Takes a frame of all processes, or of those that belong to a container. */
struct frame *frame_take(bool everything)
{
	struct frame *frame;
	u64 started_ns;
	int err;

	frame = kzalloc(sizeof(*frame), GFP_KERNEL_ACCOUNT);
	if (!frame)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&frame->processes);
	containers_init(&frame->containers);
	started_ns = ktime_get_ns();
	err = walk(frame, everything);
	frame->monotonic_ns = ktime_get_ns();
	frame->boottime_ns = ktime_get_boottime_ns();
	frame->realtime_ns = ktime_get_real_ns();
	containers_read(&frame->containers);
	host_read(&frame->host);
	frame->took_ns = ktime_get_ns() - started_ns;
	frame->truncated |= frame->containers.full;
	if (err) {
		frame_release(frame);
		return ERR_PTR(err);
	}
	return frame;
}

void frame_release(struct frame *frame)
{
	struct process *process, *next;

	list_for_each_entry_safe(process, next, &frame->processes, node) {
		put_task_struct(process->task);
		kfree(process);
	}
	containers_release(&frame->containers);
	kfree(frame);
}
