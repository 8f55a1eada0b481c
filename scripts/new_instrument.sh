#!/bin/sh
# new_instrument.sh NAME "SUMMARY": the rooms of a new instrument, working and tested: a model and its analysis, a command, a route, a view
# of the console, tests, a page; and its name in the two lists. CONTRIBUTING.md says what each file is. It greets; make it measure.
set -eu
cd "$(dirname "$0")/.."
name=${1:-}
summary=${2:-}
echo "$name" | grep -qx '[a-z][a-z0-9]*' && [ -n "$summary" ] || { echo 'usage: scripts/new_instrument.sh NAME "One line, starts with a verb"' >&2; exit 2; }
folder=src/instruments/$name
view=$(echo "$name" | cut -c1 | tr a-z A-Z)$(echo "$name" | cut -c2-)
[ ! -e "$folder" ] || { echo "$folder is there already" >&2; exit 2; }
mkdir -p "$folder" "web/views/$name" tests/e2e docs/commands

cat >"$folder/$name.hpp" <<END
// The model and the analysis: plain values in, a Report out. No files, no network, no clock here.
#pragma once

#include <string>

#include "core/report/report.hpp"

namespace signalbox::$name {

// Whom to greet.
struct Guest {
  std::string name;
};

Report greet(const Guest& guest);

}  // namespace signalbox::$name
END
cat >"$folder/$name.cpp" <<END
#include "instruments/$name/$name.hpp"

namespace signalbox::$name {

Report greet(const Guest& guest) {
  Report report;
  report.instrument = "$name";
  report.title = "Hello, " + guest.name;
  report.verdict = Verdict::pass;
  report.summary = "the greeting was said";
  report.facts.push_back({"letters", static_cast<std::int64_t>(guest.name.size()), ""});
  return report;
}

}  // namespace signalbox::$name
END
cat >"$folder/${name}_test.cpp" <<END
#include "instruments/$name/$name.hpp"

#include <gtest/gtest.h>

namespace signalbox::$name {

TEST(Greet, NamesTheGuest) {
  EXPECT_EQ(greet({"Ada"}).title, "Hello, Ada");
}

}  // namespace signalbox::$name
END
cat >"$folder/instrument.hpp" <<END
// What the front door and the server get of this instrument.
#pragma once

#include "core/console/instrument.hpp"

namespace signalbox::$name {

Instrument instrument();

}  // namespace signalbox::$name
END
cat >"$folder/instrument.cpp" <<END
#include "instruments/$name/instrument.hpp"

#include "instruments/$name/$name.hpp"

namespace signalbox::$name {
namespace {

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  return greet({arguments.positional(0).value_or("world")});
}

std::vector<http::Route> routes(const std::shared_ptr<const Services>&) {
  http::Route route;
  route.path = "/api/v1/$name";
  route.summary = "$summary";
  route.response_schema = "report-v1";
  route.handle = [](const http::Request&) -> Result<http::Response> {
    return http::Response::json(to_json(greet({"world"})));
  };
  return {route};
}

}  // namespace

Instrument instrument() {
  Instrument out;
  out.command.name = "$name";
  out.command.summary = "$summary";
  out.command.positionals = {{"GUEST", "whom to greet; world by default", cli::Positional::Count::optional}};
  out.command.run = run;
  out.routes = routes;
  return out;
}

}  // namespace signalbox::$name
END
cat >"$folder/main.cpp" <<END
#include "instruments/$name/instrument.hpp"

int main(int argc, char** argv) {
  return signalbox::cli::run_program(signalbox::$name::instrument().command, argc, argv);
}
END
cat >"$folder/CMakeLists.txt" <<END
signalbox_module(instrument_$name LINKS core_cli core_http core_report)
signalbox_program($name SUMMARY "$summary" LINKS instrument_$name)
END
cat >"$folder/README.md" <<END
# $name

$summary. Start reading at \`$name.hpp\`: the model and the analysis; \`instrument.cpp\` gives it a command and a route.
END
cat >"web/views/$name/$view.svelte" <<END
<script lang="ts">
  // $summary.
  import { get, problemOf, type Problem, type Report } from '../../shell/api';
  import ReportView from '../../shell/ReportView.svelte';
  import Trouble from '../../shell/Trouble.svelte';

  let report = \$state.raw<Report | null>(null);
  let problem = \$state.raw<Problem | null>(null);
  function ask() {
    get<Report>('/api/v1/$name').then((found) => (report = found), (error) => (problem = problemOf(error)));
  }
  ask();
</script>

{#if problem}<Trouble {problem} again={ask} />{/if}
{#if report}
  <h1>{report.title}</h1>
  <ReportView {report} />
{/if}
END
cat >"tests/e2e/${name}_test.sh" <<END
#!/bin/sh
# \`signalbox $name\` greets, in text and as JSON.
set -eu
"\$SIGNALBOX" $name Ada | grep -q "Hello, Ada"
"\$SIGNALBOX" $name --json | jq -e '.instrument == "$name" and .verdict == "pass"' >/dev/null
END
chmod +x "tests/e2e/${name}_test.sh"
cat >"docs/commands/$name.md" <<END
# signalbox $name

$summary.

    signalbox $name Ada

Routes: \`GET /api/v1/$name\`, the same Report as JSON.
END
sed -i "s/^\(set(SIGNALBOX_INSTRUMENTS .*\))/\1 $name)/" src/CMakeLists.txt
key=$(for letter in $(echo "$name" | grep -o .) $(echo qwertyuiopasdfghjklzxcvbnm | grep -o .); do
  grep -q "key: '$letter'" web/views/list.ts || { echo "$letter"; break; }
done)
sed -i "s|^\];|  { name: '$name', title: '$view', key: '$key', load: () => import('./$name/$view.svelte') },\n];|" web/views/list.ts
git status --short --untracked-files=all
