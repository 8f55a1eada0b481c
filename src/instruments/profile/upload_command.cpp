#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/folder.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/profile_file.hpp"
#include "instruments/profile/sending.hpp"

namespace signalbox::profile {
namespace {

// One of the files that were given, and where it lies in the spool.
struct Given {
  std::string name;
  std::filesystem::path spooled;
  std::size_t dropped = 0;  // uploads that waited, and made room for it
};

// FILE… URL: the last word is the address.
struct Words {
  std::vector<std::string> files;
  std::string url;
};
Result<Words> words_of(const cli::Arguments& arguments) {
  Words out{arguments.positionals(), {}};
  if (out.files.size() < 2 || out.files.back().find("://") == std::string::npos)
    return fail(ErrorKind::bad_input, "files and the address of their receiver are needed",
                "signalbox profile upload x.pb.gz --to pyroscope http://127.0.0.1:4040");
  out.url = std::move(out.files.back());
  out.files.pop_back();
  return out;
}

Result<std::vector<Given>> keep_all(const Words& words, Destination destination, UploadSpool& spool,
                                    const cli::Arguments& arguments, cli::Context& context) {
  // All are read before any is kept: a file that is no profile leaves nothing behind.
  std::vector<Upload> uploads;
  const bool is_named = !destination.app.empty();
  for (const std::string& name : words.files) {
    SIGNALBOX_TRY(const ProfileFile file, read_profile_file(name, arguments, context));
    if (file.profile.samples.empty())
      return fail(ErrorKind::bad_input, fmt::format("{}: has no samples", name));
    if (!is_named) destination.app = app_of(file.profile, name);
    SIGNALBOX_TRY(Upload upload, make_upload(file.profile, destination, context.clock.now()));
    uploads.push_back(std::move(upload));
  }
  SIGNALBOX_TRY(std::vector<UploadSpool::Kept> kept, spool.keep_all(uploads));
  std::vector<Given> out;
  for (std::size_t i = 0; i < kept.size(); ++i)
    out.push_back({words.files[i], std::move(kept[i].file), kept[i].dropped});
  return out;
}

const UploadSpool::Refused* refusal_of(const Given& given, const UploadSpool::Drained& drained) {
  const auto found =
      std::find_if(drained.refused.begin(), drained.refused.end(),
                   [&](const UploadSpool::Refused& each) { return each.file == given.spooled; });
  return found == drained.refused.end() ? nullptr : &*found;
}

Report report_of(const std::vector<Given>& given, const UploadSpool::Drained& drained, std::size_t waiting,
                 const Destination& destination) {
  Report out;
  out.instrument = "profile";
  out.title = fmt::format("Profiles for {} at {}", name_of(destination.receiver), destination.url);
  out.verdict = drained.refused.empty() && waiting == 0 ? Verdict::pass : Verdict::fail;
  out.facts = {{"sent", static_cast<std::int64_t>(drained.sent), ""},
               {"waiting", static_cast<std::int64_t>(waiting), ""},
               {"refused", static_cast<std::int64_t>(drained.refused.size()), ""}};
  std::size_t dropped = 0;
  for (const Given& each : given) dropped += each.dropped;
  if (dropped > 0) {
    out.facts.push_back({"dropped", static_cast<std::int64_t>(dropped), ""});
    out.findings.push_back(
        {"profile/dropped",
         Severity::warning,
         fmt::format("{} that waited made room for what came now", counted(dropped, "profile")),
         {},
         {}});
  }
  for (const UploadSpool::Refused& refused : drained.refused) {
    const auto mine = std::find_if(given.begin(), given.end(),
                                   [&](const Given& each) { return each.spooled == refused.file; });
    const std::string what =
        mine == given.end() ? refused.file.string() + ".refused, kept from before" : mine->name;
    out.findings.push_back(
        {"profile/refused", Severity::error, fmt::format("{}: {}", what, refused.why), {}, {}});
  }
  out.summary = fmt::format("{} sent", counted(drained.sent, "profile"));
  if (waiting > 0) out.summary += fmt::format(", {} kept until the receiver takes them", waiting);
  if (!drained.refused.empty()) out.summary += fmt::format(", {} refused", drained.refused.size());
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Words words, words_of(arguments));
  SIGNALBOX_TRY(const Destination destination, destination_from(arguments, words.url));
  UploadSpool spool = spool_of(context.workspace, destination);
  SIGNALBOX_TRY(const std::vector<Given> given, keep_all(words, destination, spool, arguments, context));

  RetryPolicy policy;
  if (arguments.has("--retry")) policy.attempts = kPatientAttempts;
  const Outside outside = real_outside();
  std::size_t sent = 0;
  SIGNALBOX_TRY(const UploadSpool::Drained drained, spool.drain([&](const Upload& upload) {
    Answer answer = deliver(upload, destination, policy, outside);
    if (answer.taken == Taken::yes) context.progress.update(++sent, 0, "profiles");
    return answer;
  }));
  context.progress.finish();
  // Who may not send at all gets no pile of what it may not send; what is refused lies where it was.
  for (const Given& each : given) {
    if (drained.last.taken == Taken::denied) SIGNALBOX_CHECK(remove_if_there(each.spooled));
    if (refusal_of(each, drained) != nullptr)
      SIGNALBOX_CHECK(remove_if_there(each.spooled.string() + ".refused"));
  }
  SIGNALBOX_TRY(const std::vector<std::filesystem::path> waiting, spool.waiting());
  Report report = report_of(given, drained, waiting.size(), destination);
  if (drained.last.taken == Taken::denied)
    return cli::Unanswered{std::move(report),
                           {ErrorKind::denied, fmt::format("{}: {}", destination.url, drained.last.why),
                            "--header says who sends: --header \"Authorization=Bearer …\", X-Scope-OrgID=…"}};
  if (drained.last.taken == Taken::away)
    return cli::Unanswered{
        std::move(report),
        {ErrorKind::unavailable, fmt::format("{}: {}", destination.url, drained.last.why),
         fmt::format("kept in {}; the next upload to this address sends it first", spool.folder().string())}};
  for (const Given& each : given) {
    if (const UploadSpool::Refused* refused = refusal_of(each, drained))
      return cli::Unanswered{std::move(report),
                             {ErrorKind::bad_input, fmt::format("{}: {}", each.name, refused->why), {}}};
  }
  return report;
}

}  // namespace

cli::Command upload_command() {
  cli::Command out;
  out.name = "upload";
  out.summary = "Send profiles to Pyroscope, Parca, an OpenTelemetry collector or another Signalbox";
  out.details =
      "Each FILE is a profile of any format that is read; URL is where the receiver answers. What it does "
      "not "
      "take because it is away, or too busy, is kept in the workspace and sent first by the next upload to "
      "the "
      "same address. Exit 3 where it is away or does not let us, 2 where it refuses a profile.";
  out.positionals = {
      {"FILE-OR-URL", "profiles, and last where to send them", cli::Positional::Count::at_least_one}};
  out.options = destination_options();
  out.options.push_back({"--retry", "", "try for some two minutes where the receiver is away", {}, false});
  out.options.push_back(input_format_option());
  out.run = run;
  return out;
}

}  // namespace signalbox::profile
