/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SENSOR_HOST_H
#define SENSOR_HOST_H

#include <linux/types.h>

/* Memory and processors of the host. */
struct host {
	u64 total_kb;
	u64 free_kb;
	u64 available_kb;
	u64 busy_us;
	u64 idle_us;
	unsigned int online;
};

void host_read(struct host *host);

#endif
