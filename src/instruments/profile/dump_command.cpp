#include "instruments/profile/capture/stack_dump.hpp"
#include "instruments/profile/capture/symbolize.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/drawn_profile.hpp"
#include "instruments/profile/dump_report.hpp"
#include "instruments/profile/target_selection.hpp"

namespace signalbox::profile {
namespace {

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  DumpRequest request;
  SIGNALBOX_TRY(request.pids, selected_processes(arguments));
  if (request.pids.empty())
    return fail(ErrorKind::bad_input, "whose stacks?",
                "signalbox profile dump --pid N, --name REGEX or --cgroup PATH");
  request.kernel = !arguments.has("--no-kernel");
  request.by_proc = arguments.has("--no-bpf");
  SIGNALBOX_TRY(const std::string format, artifact_format(arguments));
  SIGNALBOX_TRY(const StackDump dump, dump_stacks(request));
  Profile profile = named_profile(dump.recording, {{"sampler", dump.how}});
  profile.default_value = find_value(profile, "samples");
  if (format != kPage && format_from(format)) return cli::Outcome(dump_report(dump, profile));
  SIGNALBOX_TRY(std::string octets, drawn(profile, format, profile.default_value, arguments));
  return cli::Outcome(cli::Artifact{std::move(octets), Verdict::none});
}

}  // namespace

cli::Command dump_command() {
  cli::Command out;
  out.name = "dump";
  out.summary = "Show the stacks of all threads of a process, now";
  out.details =
      "Once, named, with what each thread waits in. The process is neither stopped nor signalled: threads at "
      "rest are read beside, and read again where they moved meanwhile; threads that run are sampled. "
      "Without "
      "root or CAP_BPF frame pointers are not known, and stacks that need them end early.";
  out.options = selection_options("the threads of this process; several with commas");
  out.options.push_back({"--no-kernel", "", "no frames of the kernel", {}, false});
  out.options.push_back({"--no-bpf", "", "read threads by /proc alone", {}, false});
  for (cli::Option& option : folded_options()) out.options.push_back(std::move(option));
  out.formats = drawn_formats();
  out.run = run;
  return out;
}

}  // namespace signalbox::profile
