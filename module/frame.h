/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SENSOR_FRAME_H
#define SENSOR_FRAME_H

#include <linux/limits.h>
#include <linux/list.h>
#include <linux/types.h>

#include "container.h"
#include "host.h"

/* Bounds the memory that one reader can make the kernel use. */
#define PROCESSES_MAX 32768

/* Everything that one document says, taken in one go before the first byte is written. */
struct frame {
	struct host host;
	struct containers containers;
	struct list_head processes;
	unsigned int process_count;
	bool truncated;
	u64 monotonic_ns;
	u64 boottime_ns;
	u64 realtime_ns;
	u64 took_ns;
	char scratch[PATH_MAX];	/* a cgroup's path, later a command line */
};

struct frame *frame_take(bool everything);
void frame_release(struct frame *frame);

#endif
