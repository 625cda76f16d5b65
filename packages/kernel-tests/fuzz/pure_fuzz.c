/*
 * Fuzzer of the module's pure parts: the very headers that the kernel module is built from, under
 * AddressSanitizer, on copies that are exactly as long as the input.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "../../../module/container_id.h"
#include "../../../module/json.h"
#include "../guest/guest.h"

static char *exact_copy(const uint8_t *data, size_t len)
{
	char *copy = malloc(len ? len : 1);

	memcpy(copy, data, len);
	return copy;
}

/* The text as a JSON string, put together as the module does. */
static char *escape(const char *text, size_t len, size_t *out_len, bool *replaced)
{
	char *out = malloc(len * JSON_CHAR_MAX + 2), *end = out;

	*replaced = false;
	*end++ = '"';
	while (len) {
		size_t run = json_plain_run(text, len), written, used;

		assert(run <= len);
		memcpy(end, text, run);
		end += run;
		text += run;
		len -= run;
		if (!len)
			break;
		used = json_char(text, len, end, &written);
		assert(used >= 1 && used <= len && used <= 4);
		assert(written >= 1 && written <= JSON_CHAR_MAX);
		*replaced |= written == 3 && !memcmp(end, "\xef\xbf\xbd", 3) &&
			     (used != 3 || memcmp(text, end, 3));
		end += written;
		text += used;
		len -= used;
	}
	*end++ = '"';
	*out_len = end - out;
	return out;
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Undoes the escapes that the module writes. */
static size_t unescape(const char *json, size_t len, char *out)
{
	size_t i, used = 0;

	for (i = 1; i < len - 1; i++) {
		if (json[i] != '\\') {
			out[used++] = json[i];
		} else if (json[i + 1] == 'u') {
			assert(!memcmp(json + i + 2, "00", 2) && json[i + 4] <= '1');
			out[used++] = (json[i + 4] - '0') * 16 + digit(json[i + 5]);
			i += 5;
		} else {
			out[used++] = json[++i];
		}
	}
	return used;
}

static void check_json(const uint8_t *data, size_t len)
{
	char *text = exact_copy(data, len), *back;
	size_t json_len, at, kept;
	bool replaced;
	char *json = escape(text, len, &json_len, &replaced);

	assert(json_valid(json, json_len, &at));
	back = malloc(json_len);
	kept = unescape(json, json_len, back);
	/* Either every byte comes back, or there was something that is not UTF-8. */
	assert(replaced || (kept == len && !memcmp(back, text, len)));
	kept = utf8_trim(text, len);
	assert(kept <= len && len - kept <= 3);
	free(back);
	free(json);
	free(text);
}

static void check_path(const uint8_t *data, size_t len)
{
	char *path = malloc(len + 1);
	unsigned int below, deeper = 0;
	const char *id;
	size_t i;

	memcpy(path, data, len);
	path[len] = '\0';
	id = container_id_find(path, &below);
	if (id) {
		assert(id >= path && id + CONTAINER_ID_LEN <= path + strlen(path));
		assert(id == path || id[-1] == '/' || id[-1] == '-');
		for (i = 0; i < CONTAINER_ID_LEN; i++)
			assert(strchr("0123456789abcdef", id[i]));
		for (i = id - path; path[i]; i++)
			deeper += path[i] == '/' && path[i + 1] && path[i + 1] != '/';
		assert(deeper == below);
	}
	free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	check_json(data, len);
	check_path(data, len);
	return 0;
}
