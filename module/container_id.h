/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the path of a cgroup to the id of a container. Pure C, shared with the user-space fuzzer.
 *
 * The name of a container's cgroup is the id alone (/docker/<id>, /kubepods/pod<uid>/<id>), or
 * ends with it after a dash (libpod-<id>), and systemd adds .scope (docker-<id>.scope). The id
 * is 64 hex digits.
 */
#ifndef SENSOR_CONTAINER_ID_H
#define SENSOR_CONTAINER_ID_H

#include "portable.h"

#define CONTAINER_ID_LEN 64

static inline bool ends_with(const char *text, size_t len, const char *end)
{
	size_t end_len = strlen(end);

	return len >= end_len && !memcmp(text + len - end_len, end, end_len);
}

/* The id in one component of a path, or NULL. */
static inline const char *container_id_in_name(const char *name, size_t len)
{
	const char *id;
	size_t i;

	if (ends_with(name, len, ".scope"))
		len -= strlen(".scope");
	if (len < CONTAINER_ID_LEN)
		return NULL;
	len -= CONTAINER_ID_LEN;
	id = name + len;
	for (i = 0; i < CONTAINER_ID_LEN; i++)
		if (!((id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'f')))
			return NULL;
	if (len && id[-1] != '-')
		return NULL;
	/* Podman's monitor lives beside its container, under the same id. */
	if (ends_with(name, len, "conmon-"))
		return NULL;
	return id;
}

/*
 * Finds the container that a cgroup belongs to. Of containers within a container it is the
 * outermost: that is the one this host's engine knows. Returns the place of the id in path, or
 * NULL; *below is how many levels the path goes on below the container's own cgroup.
 */
static inline const char *container_id_find(const char *path, unsigned int *below)
{
	const char *id = NULL;

	*below = 0;
	while (*path) {
		size_t len = 0;

		while (path[len] && path[len] != '/')
			len++;
		if (id)
			*below += len > 0;
		else
			id = container_id_in_name(path, len);
		path += len;
		if (*path)
			path++;
	}
	return id;
}

#endif
