// SPDX-License-Identifier: GPL-2.0
/*
 * From a task to its container, and the container's figures.
 */
#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include "compat.h"
#include "container.h"
#include "process.h"

/* More containers than one host runs; what is beyond them makes the frame a truncated one. */
#define CONTAINERS_MAX 4096

/* How often a cgroup's sum is taken again when the kernel was adding it up meanwhile. */
#define CPU_TRIES 3

/*
 * Looks for a container's id in a cgroup's path and copies it. The path of a deeply nested
 * cgroup may not fit: its ancestors' are tried, since the container is above. Returns the
 * container's own cgroup.
 */
static struct cgroup *find_container(struct cgroup *cgroup, char *path, size_t path_size, char *id)
{
	const char *found;
	unsigned int below;

	while (cgroup) {
		int len = cgroup_path(cgroup, path, path_size);

		if (len >= 0 && len < path_size)
			break;
		cgroup = cgroup_parent(cgroup);
	}
	if (!cgroup)
		return NULL;
	found = container_id_find(path, &below);
	if (!found)
		return NULL;
	memcpy(id, found, CONTAINER_ID_LEN);
	id[CONTAINER_ID_LEN] = '\0';
	while (below-- && cgroup)
		cgroup = cgroup_parent(cgroup);
	return cgroup;
}

/* Finds the container on one of the v1 hierarchies; engines put it on all of them. */
static bool find_on_v1(struct task_struct *task, char *path, size_t path_size, char *id)
{
	int i;

	for (i = 0; i < CGROUP_SUBSYS_COUNT; i++) {
		struct cgroup *cgroup = task_cgroup(task, i);

		if (cgroup->root != &cgrp_dfl_root && find_container(cgroup, path, path_size, id))
			return true;
	}
	return false;
}

/* The memory controller's state of the container itself; the task may be in a cgroup below it. */
static struct cgroup_subsys_state *find_memory(struct task_struct *task, char *path,
					       size_t path_size)
{
	struct cgroup_subsys_state *css = compat_memory_css(task);
	char id[CONTAINER_ID_LEN + 1];
	struct cgroup *cgroup;

	if (!css)
		return NULL;
	cgroup = find_container(css->cgroup, path, path_size, id);
	while (css && css->cgroup != cgroup)
		css = css->parent;
	return css;
}

static bool locate(struct task_struct *task, char *path, size_t path_size,
		   struct container_place *place)
{
	bool found;

	memset(place, 0, sizeof(*place));

	rcu_read_lock();
	place->cgroup = find_container(task_dfl_cgroup(task), path, path_size, place->id);
	found = place->cgroup || find_on_v1(task, path, path_size, place->id);
	if (found)
		place->memory = find_memory(task, path, path_size);
	if (place->cgroup && !cgroup_tryget(place->cgroup))
		place->cgroup = NULL;
	if (place->memory && !css_tryget(place->memory))
		place->memory = NULL;
	rcu_read_unlock();

	return found;
}

static void place_put(struct container_place *place)
{
	if (place->cgroup)
		cgroup_put(place->cgroup);
	if (place->memory)
		css_put(place->memory);
}

void containers_init(struct containers *all)
{
	INIT_LIST_HEAD(&all->list);
	hash_init(all->table);
	all->count = 0;
	all->full = false;
}

void containers_release(struct containers *all)
{
	struct container *container, *next;

	list_for_each_entry_safe(container, next, &all->list, node) {
		place_put(&container->place);
		kfree(container);
	}
}

static u32 hash_of(const char *id)
{
	return full_name_hash(NULL, id, CONTAINER_ID_LEN);
}

static struct container *lookup(struct containers *all, const char *id)
{
	struct container *container;

	hash_for_each_possible(all->table, container, by_id, hash_of(id))
		if (!memcmp(container->place.id, id, CONTAINER_ID_LEN))
			return container;
	return NULL;
}

/* Takes over the references of the place. */
static struct container *insert(struct containers *all, struct container_place *place)
{
	struct container *container;

	container = kzalloc(sizeof(*container), GFP_KERNEL_ACCOUNT);
	if (!container) {
		place_put(place);
		return ERR_PTR(-ENOMEM);
	}
	container->place = *place;
	container->io_known = true;
	hash_add(all->table, &container->by_id, hash_of(place->id));
	list_add_tail(&container->node, &all->list);
	all->count++;
	return container;
}

/* The container of a task, entered if it is new; NULL if there is none; path is room to work in. */
struct container *container_of_task(struct containers *all, struct task_struct *task, char *path,
				    size_t path_size)
{
	struct container_place place;
	struct container *container;

	if (!locate(task, path, path_size, &place))
		return NULL;
	container = lookup(all, place.id);
	if (!container && all->count < CONTAINERS_MAX)
		return insert(all, &place);
	if (!container)
		all->full = true;
	place_put(&place);
	return container;
}

void container_add(struct container *container, const struct process *process)
{
	container->processes += process->alive;
	container->rss_kb += process->rss_kb;
	container->vsz_kb += process->vsz_kb;
	container->cpu_ns += process->cpu_ns + process->reaped_ns;
	container->read_bytes += process->read_bytes;
	container->written_bytes += process->written_bytes;
	container->io_known &= process->io_known;
}

/* What the cgroup and those below it have used since the kernel last added it up. */
static u64 unflushed_ns(struct cgroup *cgroup)
{
	struct cgroup_subsys_state *css;
	u64 sum = 0;
	int cpu;

	rcu_read_lock();
	css_for_each_descendant_pre(css, &cgroup->self)
		for_each_possible_cpu(cpu)
			sum += compat_cgroup_unflushed_ns(css->cgroup, cpu);
	rcu_read_unlock();
	return sum;
}

/*
 * usage_usec of cpu.stat, without the flush that modules may not ask for: what has been added
 * up, which includes removed children, and what has not yet. The two are read again if a flush
 * came in between.
 */
static u64 cgroup_cpu_ns(struct cgroup *cgroup)
{
	u64 flushed, rest;
	int i;

	for (i = 0; i < CPU_TRIES; i++) {
		flushed = READ_ONCE(cgroup->bstat.cputime.sum_exec_runtime);
		rest = unflushed_ns(cgroup);
		if (flushed == READ_ONCE(cgroup->bstat.cputime.sum_exec_runtime))
			break;
	}
	return flushed + rest;
}

static void read_memory(struct container *container)
{
	u64 usage, limit;

	compat_memory_pages(container->place.memory, &usage, &limit);
	container->usage_kb = usage << (PAGE_SHIFT - 10);
	container->limit_kb = limit < PAGE_COUNTER_MAX ? limit << (PAGE_SHIFT - 10) : U64_MAX;
}

/*
 * Reads what the cgroups themselves have counted, for all containers at one moment. Version 1
 * has no exact counter of CPU time that a module could read: there the sum over the processes
 * stays.
 */
void containers_read(struct containers *all)
{
	struct container *container;

	list_for_each_entry(container, &all->list, node) {
		if (container->place.cgroup)
			container->cpu_ns = cgroup_cpu_ns(container->place.cgroup);
		if (container->place.memory)
			read_memory(container);
		cond_resched();
	}
}
