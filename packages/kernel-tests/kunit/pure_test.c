// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: the module's pure parts on cases whose answers are known.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "container_id.h"
#include "json.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

struct escape_case {
	const char *name, *text;
	size_t len;
	const char *json;
};

#define CASE(name, text, json) { name, text, sizeof(text) - 1, json }

static const struct escape_case escapes[] = {
	CASE("empty", "", ""),
	CASE("plain", "nginx: worker", "nginx: worker"),
	CASE("quote and backslash", "a\"b\\c", "a\\\"b\\\\c"),
	CASE("control bytes", "\0\n\x1f\x7f", "\\u0000\\u000a\\u001f\x7f"),
	CASE("utf-8", "\xc3\xb1 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xb1 \xe2\x82\xac \xf0\x9f\x98\x80"),
	CASE("last code point", "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"),
	CASE("beyond the last", "\xf4\x90", "\xef\xbf\xbd\xef\xbf\xbd"),
	CASE("overlong", "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"),
	CASE("surrogate", "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"),
	CASE("cut", "x\xe2\x82", "x\xef\xbf\xbd"),
	CASE("cut by another character", "\xe2\x82z", "\xef\xbf\xbdz"),
	CASE("stray continuation", "\x80z", "\xef\xbf\xbdz"),
};

static void escape_name(const struct escape_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(escape, escapes, escape_name);

static void escape_test(struct kunit *test)
{
	const struct escape_case *c = test->param_value;
	const char *text = c->text;
	size_t len = c->len, used = 0;
	char out[128];

	while (len) {
		size_t run = json_plain_run(text, len), written = run;

		if (run)
			memcpy(out + used, text, run);
		else
			run = json_char(text, len, out + used, &written);
		used += written;
		text += run;
		len -= run;
	}
	out[used] = '\0';
	KUNIT_EXPECT_STREQ(test, out, c->json);
}

static void trim_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, utf8_trim("", 0), (size_t)0);
	KUNIT_EXPECT_EQ(test, utf8_trim("abc", 3), (size_t)3);
	KUNIT_EXPECT_EQ(test, utf8_trim("a\xe2\x82", 3), (size_t)1);
	KUNIT_EXPECT_EQ(test, utf8_trim("a\xe2\x82\xac", 4), (size_t)4);
	KUNIT_EXPECT_EQ(test, utf8_trim("\xf0\x9f\x98", 3), (size_t)0);
	KUNIT_EXPECT_EQ(test, utf8_trim("\x80\x80\x80\x80", 4), (size_t)4);
}

struct path_case {
	const char *path;
	const char *id;
	unsigned int below;
};

static const struct path_case paths[] = {
	{ "/", NULL, 0 },
	{ "", NULL, 0 },
	{ "/user.slice/user-1000.slice/session-1.scope", NULL, 0 },
	{ "/system.slice/docker-" ID ".scope", ID, 0 },
	{ "/docker/" ID, ID, 0 },
	{ "/docker/" ID "/init.scope", ID, 1 },
	{ "/docker/" ID "/docker/" OTHER, ID, 2 },
	{ "/machine.slice/libpod-" ID ".scope/container", ID, 1 },
	{ "/machine.slice/libpod-conmon-" ID ".scope", NULL, 0 },
	{ "/libpod_parent/libpod-" ID, ID, 0 },
	{ "/system.slice/web.service/libpod-payload-" ID, ID, 0 },
	{ "/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope", ID, 0 },
	{ "/kubepods/burstable/pod1/" ID, ID, 0 },
	{ "/docker/a" ID, NULL, 0 },
	{ "/docker/" ID "0", NULL, 0 },
	{ "/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", NULL, 0 },
	{ "/docker/0123456789abcdef", NULL, 0 },
};

static void path_name(const struct path_case *c, char *desc)
{
	strscpy(desc, c->path, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(path, paths, path_name);

static void path_test(struct kunit *test)
{
	const struct path_case *c = test->param_value;
	unsigned int below;
	const char *id = container_id_find(c->path, &below);

	KUNIT_ASSERT_EQ(test, !id, !c->id);
	if (id) {
		KUNIT_EXPECT_EQ(test, strncmp(id, c->id, CONTAINER_ID_LEN), 0);
		KUNIT_EXPECT_EQ(test, below, c->below);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(escape_test, escape_gen_params),
	KUNIT_CASE(trim_test),
	KUNIT_CASE_PARAM(path_test, path_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "gestor_pure",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("KUnit tests of the sensor's pure parts");
MODULE_LICENSE("GPL");
