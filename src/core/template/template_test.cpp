// Templates beside Go's text/template where it is installed, and by hand.
#include "core/template/template.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"

namespace signalbox::templates {
namespace {

const char* const kData =
    R"({"version":"1.2.0","none":[],"empty":"","yes":true,"no":false,"n":3,"deep":{"er":{"est":"found"}},
        "sections":[{"title":"Features","items":["a <b>","c"]},{"title":"Fixes","items":[]}]})";

std::string render(const std::string& text, const std::string& data = kData) {
  const auto parsed = Template::parse(text, "t");
  if (!parsed) return "refused: " + parsed.error().message;
  const auto out = parsed->render(parse_json(data).value());
  return out ? *out : "refused: " + out.error().message;
}

// Templates that Go reads as well, and means the same by.
const std::vector<std::string> kShared = {
    "plain text with } and { and }}",
    "{{.version}} {{ .deep.er.est }}|{{$.version}}",
    "a \n {{- .version -}} \n b {{ .version -}}   c   {{- .version}}",
    "{{/* nothing */}}x{{- /* y */ -}} z",
    "{{range .sections}}## {{.title}}\n{{range .items}}* {{.}} of "
    "{{$.version}}\n{{else}}none\n{{end}}{{end}}",
    "{{range .none}}x{{else}}nothing{{end}}{{range .none}}x{{end}}",
    "{{if .yes}}1{{end}}{{if .no}}2{{else}}3{{end}}{{if .empty}}4{{else if .none}}5{{else if "
    ".n}}6{{else}}7{{end}}",
    "{{with .deep}}{{with .er}}{{.est}}{{end}}{{end}}{{with .empty}}x{{else}}{{.version}}{{end}}",
    "{{\"quoted }} \\\" \\\\ \\n text\"}}{{7}}{{-7}}{{true}}",
    "{{.version | upper | lower}}{{upper \"a\"}}{{trim \"  b \"}}{{len .version}}{{len .sections}}{{.deep | "
    "len}}",
    "{{if eq .version \"1.2.0\"}}is{{end}}{{if eq .version \"x\" \"1.2.0\"}}any{{end}}{{if ne .version "
    "\"x\"}}not{{end}}",
    "{{if and .yes .version}}a{{end}}{{or .empty .version}}{{and .empty .version}}{{not .empty}}{{.no | "
    "not}}",
    "{{ \t.version\n}}",
};

const char* const kGoProgram = R"(package main

import (
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

func main() {
	var in struct {
		Data  any
		Texts []string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
	out := []string{}
	functions := template.FuncMap{"upper": strings.ToUpper, "lower": strings.ToLower, "trim": strings.TrimSpace}
	for _, text := range in.Texts {
		var b strings.Builder
		if err := template.Must(template.New("t").Funcs(functions).Parse(text)).Execute(&b, in.Data); err != nil {
			panic(err)
		}
		out = append(out, b.String())
	}
	json.NewEncoder(os.Stdout).Encode(out)
}
)";

TEST(Template, MeansWhatGoMeans) {
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "main.go", kGoProgram));
  Json texts = Json::array();
  for (const std::string& text : kShared) texts.push_back(text);
  ProcessOptions options;
  options.directory = folder.path();
  options.input = Json::object({{"Data", parse_json(kData).value()}, {"Texts", std::move(texts)}}).dump();
  options.environment = {
      {"GOFLAGS", "-mod=mod"}, {"GO111MODULE", "off"}, {"GOCACHE", folder.path() / "cache"}};
  const auto said = run_process({"go", "run", "main.go"}, options);
  if (!said || said->exit_code == 127)
    GTEST_SKIP() << "Go is not installed, so there is nothing to compare with";
  ASSERT_EQ(said->exit_code, 0) << said->errors;
  const Json answers = parse_json(said->output).value();
  ASSERT_EQ(answers.size(), kShared.size());
  for (std::size_t i = 0; i < kShared.size(); ++i)
    EXPECT_EQ(render(kShared[i]), answers.items()[i].as_string()) << kShared[i];
}

TEST(Template, WhatIsWrongIsToldWithItsPlace) {
  EXPECT_EQ(render("a\n {{.versoin}}"), "refused: t:2:4: there is no .versoin here");
  EXPECT_EQ(render("{{.sections}}"), "refused: t:1:3: a list or an object is no text");
  EXPECT_EQ(render("{{range .version}}{{end}}"), "refused: t:1:3: range takes a list");
  EXPECT_EQ(render("{{if .yes}}"), "refused: t:1:3: an action without its {{end}}");
  EXPECT_EQ(render("x{{end}}"), "refused: t:1:4: {{end}} without an action that it belongs to");
  EXPECT_EQ(render("{{.version"), "refused: t:1:1: {{ without its }}");
  EXPECT_EQ(render("{{}}"), "refused: t:1:1: an action that says nothing");
  EXPECT_EQ(render("{{/* x }}"), "refused: t:1:1: a comment without its end");
  EXPECT_EQ(render("{{env \"HOME\"}}"), "refused: t:1:3: `env` is no value and no function");
  EXPECT_EQ(render("{{upper}}"), "refused: t:1:3: upper is given 0 values");
  EXPECT_EQ(render("{{.n | upper}}"), "refused: t:1:8: upper takes a text");
  EXPECT_EQ(render("{{if .yes}}{{else}}{{else}}{{end}}"), "refused: t:1:22: {{end}} is expected");
  EXPECT_EQ(render("{{eq .none .none}}"), "refused: t:1:3: eq takes no list and no object");
  EXPECT_EQ(render("\xff"), "refused: t: a template that is not UTF-8");
}

TEST(Template, EverythingHasABound) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "{{if .yes}}";
  for (int i = 0; i < 40; ++i) deep += "{{end}}";
  EXPECT_NE(render(deep).find("more than 32 actions"), std::string::npos);
  EXPECT_NE(render(std::string(kMaxTemplateBytes + 1, 'x')).find("more than 256 KiB"), std::string::npos);
  std::string data = "[0";
  for (int i = 0; i < 999; ++i) data += ",0";
  data += "]";
  std::string loops = "{{range .}}{{range $}}{{range $}}{{range $}}{{end}}{{end}}{{end}}{{end}}";
  EXPECT_NE(render(loops, data).find("more than ten million steps"), std::string::npos);
  const std::string much = "{{range .}}{{range $}}" + std::string(1000, 'x') + "{{end}}{{end}}";
  EXPECT_NE(render(much, data).find("more than 16 MiB"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::templates
