/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernels, and nothing else: no other file asks for a version or an
 * option.
 */
#ifndef SENSOR_COMPAT_H
#define SENSOR_COMPAT_H

#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/percpu_counter.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "this module needs Linux 5.10 or later"
#endif

#ifndef CONFIG_64BIT
#error "64-bit counters are read without a lock: this module needs a 64-bit kernel"
#endif

#ifndef CONFIG_CGROUPS
#error "without control groups there are no containers: this module needs CONFIG_CGROUPS"
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#define pde_data PDE_DATA
#endif

/* Pages of one kind. Since 6.2 the plain getter is off by as much as a batch for each processor. */
static inline u64 compat_mm_counter(struct mm_struct *mm, int kind)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	return percpu_counter_sum_positive(&mm->rss_stat[kind]);
#else
	return get_mm_counter(mm, kind);
#endif
}

/* CPU time that a cgroup's own tasks have used on one processor, and that was not yet added up. */
static inline u64 compat_cgroup_unflushed_ns(struct cgroup *cgroup, int cpu)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
	struct cgroup_rstat_base_cpu *stat = per_cpu_ptr(cgroup->rstat_base_cpu, cpu);
#else
	struct cgroup_rstat_cpu *stat = per_cpu_ptr(cgroup->rstat_cpu, cpu);
#endif
	u64 flushed = READ_ONCE(stat->last_bstat.cputime.sum_exec_runtime);
	u64 all = READ_ONCE(stat->bstat.cputime.sum_exec_runtime);

	return all > flushed ? all - flushed : 0;
}

/* Bytes read from and written to storage; false where the kernel does not count them. */
static inline bool compat_io_add(const struct task_io_accounting *io, u64 *read, u64 *written)
{
#ifdef CONFIG_TASK_IO_ACCOUNTING
	*read += io->read_bytes;
	*written += io->write_bytes;
	return true;
#else
	return false;
#endif
}

/* The memory controller's state that a task is charged to, or NULL. Under RCU. */
static inline struct cgroup_subsys_state *compat_memory_css(struct task_struct *task)
{
#ifdef CONFIG_MEMCG
	return task_css(task, memory_cgrp_id);
#else
	return NULL;
#endif
}

/* Pages charged to it, and its limit. */
static inline void compat_memory_pages(struct cgroup_subsys_state *css, u64 *usage, u64 *limit)
{
#ifdef CONFIG_MEMCG
	struct mem_cgroup *memcg = mem_cgroup_from_css(css);

	*usage = page_counter_read(&memcg->memory);
	*limit = READ_ONCE(memcg->memory.max);
#else
	*usage = 0;
	*limit = U64_MAX;
#endif
}

#endif
