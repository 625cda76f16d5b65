// SPDX-License-Identifier: GPL-2.0
/*
 * The host's own figures, as /proc/meminfo and /proc/stat give them.
 */
#include <linux/cpumask.h>
#include <linux/kernel_stat.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/tick.h>
#include <linux/time64.h>

#include "host.h"

static void read_memory(struct host *host)
{
	struct sysinfo info;

	si_meminfo(&info);
	host->total_kb = (u64)info.totalram << (PAGE_SHIFT - 10);
	host->free_kb = (u64)info.freeram << (PAGE_SHIFT - 10);
	host->available_kb = (u64)max(si_mem_available(), 0L) << (PAGE_SHIFT - 10);
}

/* A processor that sleeps without ticks does not count its idle time: the tick code knows it. */
static u64 idle_us(int cpu, u64 (*precise_us)(int cpu, u64 *last_update), enum cpu_usage_stat kind)
{
	u64 us = cpu_online(cpu) ? precise_us(cpu, NULL) : -1ULL;

	return us != -1ULL ? us : div_u64(kcpustat_cpu(cpu).cpustat[kind], NSEC_PER_USEC);
}

static void read_cpu(struct host *host)
{
	/* Time as a guest is in user and nice already. Stolen time was neither worked nor idle. */
	static const enum cpu_usage_stat busy[] = {
		CPUTIME_USER, CPUTIME_NICE, CPUTIME_SYSTEM, CPUTIME_SOFTIRQ, CPUTIME_IRQ,
	};
	u64 busy_ns = 0;
	int cpu, i;

	host->idle_us = 0;
	for_each_possible_cpu(cpu) {
		for (i = 0; i < ARRAY_SIZE(busy); i++)
			busy_ns += kcpustat_cpu(cpu).cpustat[busy[i]];
		host->idle_us += idle_us(cpu, get_cpu_idle_time_us, CPUTIME_IDLE);
		host->idle_us += idle_us(cpu, get_cpu_iowait_time_us, CPUTIME_IOWAIT);
	}
	host->busy_us = div_u64(busy_ns, NSEC_PER_USEC);
	host->online = num_online_cpus();
}

void host_read(struct host *host)
{
	read_memory(host);
	read_cpu(host);
}
