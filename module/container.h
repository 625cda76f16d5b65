/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SENSOR_CONTAINER_H
#define SENSOR_CONTAINER_H

#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/types.h>

#include "container_id.h"

struct cgroup;
struct cgroup_subsys_state;
struct process;
struct task_struct;

/* Where a task's container is, with the references that keep it there. */
struct container_place {
	char id[CONTAINER_ID_LEN + 1];
	struct cgroup *cgroup;			/* on the unified hierarchy, or NULL */
	struct cgroup_subsys_state *memory;	/* of the memory controller, or NULL */
};

/* One container of a frame: the totals of its processes, then the figures of its cgroup. */
struct container {
	struct list_head node;
	struct hlist_node by_id;
	struct container_place place;
	u64 processes;
	u64 rss_kb;
	u64 vsz_kb;
	u64 read_bytes;
	u64 written_bytes;
	u64 cpu_ns;
	u64 usage_kb;
	u64 limit_kb;		/* U64_MAX if there is none */
	bool io_known;
};

/* The containers of one frame. */
struct containers {
	struct list_head list;
	DECLARE_HASHTABLE(table, 10);
	unsigned int count;
	bool full;
};

void containers_init(struct containers *all);
void containers_read(struct containers *all);
void containers_release(struct containers *all);

struct container *container_of_task(struct containers *all, struct task_struct *task, char *path,
				    size_t path_size);
void container_add(struct container *container, const struct process *process);

#endif
