// SPDX-License-Identifier: GPL-2.0
/*
 * The figures of one process, as /proc/<pid> gives them.
 */
#include <linux/mm.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "json.h"
#include "process.h"

/*
 * Address space and resident memory. A leader may have exited while its threads go on: the
 * memory is theirs then. Everything happens under a thread's lock, so no reference to its mm is
 * taken or dropped.
 */
static void read_memory(struct process *process, struct task_struct *task)
{
	struct task_struct *thread;

	rcu_read_lock();
	for_each_thread(task, thread) {
		struct mm_struct *mm;

		task_lock(thread);
		mm = thread->flags & PF_KTHREAD ? NULL : thread->mm;
		if (mm) {
			u64 pages = compat_mm_counter(mm, MM_FILEPAGES) +
				    compat_mm_counter(mm, MM_ANONPAGES) +
				    compat_mm_counter(mm, MM_SHMEMPAGES);

			process->vsz_kb = (u64)mm->total_vm << (PAGE_SHIFT - 10);
			process->rss_kb = pages << (PAGE_SHIFT - 10);
		}
		task_unlock(thread);
		if (mm)
			break;
	}
	rcu_read_unlock();
}

/* CPU time and I/O of the threads that are gone, kept in the signal struct, and of those alive. */
static void sum_threads(struct process *process, struct task_struct *task)
{
	const struct signal_struct *signal = task->signal;
	const struct task_struct *thread;
	u64 read = 0, written = 0;

	process->cpu_ns = signal->sum_sched_runtime;
	process->reaped_ns = signal->cutime + signal->cstime;
	process->io_known = compat_io_add(&signal->ioac, &read, &written);
	for_each_thread(task, thread) {
		process->cpu_ns += READ_ONCE(thread->se.sum_exec_runtime);
		compat_io_add(&thread->ioac, &read, &written);
	}
	process->read_bytes = read;
	process->written_bytes = written;
}

/*
 * A dying thread moves its counters into the signal struct under stats_lock. If that happened
 * during the sum, the sum is made again with the lock held, so that no stream of dying threads
 * can delay it.
 */
static void read_counters(struct process *process, struct task_struct *task)
{
	seqlock_t *lock = &task->signal->stats_lock;
	unsigned long flags;
	unsigned int seq;

	rcu_read_lock();
	seq = read_seqbegin(lock);
	sum_threads(process, task);
	if (read_seqretry(lock, seq)) {
		read_seqlock_excl_irqsave(lock, flags);
		sum_threads(process, task);
		read_sequnlock_excl_irqrestore(lock, flags);
	}
	rcu_read_unlock();
}

/* Fills in all figures of a task that the caller holds a reference to. */
void process_read(struct process *process, struct task_struct *task)
{
	process->task = task;
	get_task_comm(process->name, task);
	process->state = task_state_to_char(task);
	process->alive = atomic_read(&task->signal->live) > 0;
	process->start_ns = task->start_boottime;
	read_memory(process, task);
	read_counters(process, task);
}

/* Where a program keeps its arguments and, right behind them, its environment. */
struct arguments {
	struct mm_struct *mm;	/* to compare with, never to follow */
	unsigned long start, end, env_start, env_end;
};

static struct arguments arguments_of(struct task_struct *task)
{
	struct arguments args = {};
	struct mm_struct *mm;

	task_lock(task);
	mm = task->flags & PF_KTHREAD ? NULL : task->mm;
	if (mm) {
		args.mm = mm;
		spin_lock(&mm->arg_lock);
		args.start = mm->arg_start;
		args.end = mm->arg_end;
		args.env_start = mm->env_start;
		args.env_end = mm->env_end;
		spin_unlock(&mm->arg_lock);
	}
	task_unlock(task);
	return args;
}

/*
 * The arguments as one text, joined by spaces, cut at size; sleeps. A program that has
 * overwritten its arguments with a title, which may go on into the environment, is shown under
 * that title.
 */
size_t process_command_line(struct task_struct *task, char *text, size_t size)
{
	const unsigned int gup = FOLL_FORCE | FOLL_ANON;
	struct arguments args = arguments_of(task);
	size_t len, i;

	if (!args.mm || args.start >= args.end)
		return 0;
	len = min_t(size_t, args.end - args.start, size);
	len = access_process_vm(task, args.start, text, len, gup);
	if (len && len == args.end - args.start && text[len - 1] && args.env_start == args.end &&
	    args.env_end > args.end) {
		size_t more = min_t(size_t, args.env_end - args.end, size - len);

		len += access_process_vm(task, args.end, text + len, more, gup);
		len = strnlen(text, len);
	}
	/* An exec in between would have shown another program's memory at the old addresses. */
	if (arguments_of(task).mm != args.mm)
		return 0;
	if (len && !text[len - 1])
		len--;
	for (i = 0; i < len; i++)
		if (!text[i])
			text[i] = ' ';
	return len < size ? len : utf8_trim(text, len);
}
