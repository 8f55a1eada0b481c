// `signalbox profile store`: profiles that stay, and that the console shows.
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/draw/amount_text.hpp"
#include "instruments/profile/keeping.hpp"
#include "instruments/profile/kept/profile_store.hpp"
#include "instruments/profile/profile_file.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kListed = 30;
constexpr std::size_t kShortId = 12;
constexpr std::size_t kShortCommit = 8;

Result<cli::Outcome> add(const cli::Arguments& arguments, cli::Context& context) {
  Giving giving;
  giving.service = arguments.get_or("--service", "");
  SIGNALBOX_TRY(giving.labels, labels_with_values(arguments));
  Report out;
  out.instrument = "profile";
  out.title = "Profiles kept";
  Table table{"", {{"profile"}, {"service"}, {"file"}, {""}}, {}};
  Json kept = Json::array();
  for (const std::string& path : arguments.positionals()) {
    SIGNALBOX_TRY(const ImportedFile file, import_profile_file(path, arguments, context));
    auto there = keep_profile(file.octets, file.imported, giving, context);
    if (!there) return fail_in(path, std::move(there).error());
    table.rows.push_back({{there->id.substr(0, kShortId)},
                          {there->service},
                          {path},
                          {there->was_there ? "was there" : "", Tone::quiet}});
    kept.push_back(Json::object(
        {{"id", there->id}, {"service", there->service}, {"file", path}, {"was_there", there->was_there}}));
  }
  out.summary = fmt::format("{} kept", counted(kept.size(), "profile"));
  out.tables.push_back(std::move(table));
  out.next = {"signalbox serve"};
  out.data = Json::object({{"profiles", std::move(kept)}});
  return cli::Outcome(std::move(out));
}

Result<KeptQuery> query_of(const cli::Arguments& arguments, Time now) {
  KeptQuery out;
  out.service = arguments.get_or("--service", "");
  out.commit = arguments.get_or("--commit", "");
  SIGNALBOX_TRY(out.limit, count_option(arguments, "--top", kListed));
  if (const auto since = arguments.get("--since")) {
    if (const auto ago = parse_duration(*since)) {
      out.since = now - *ago;
    } else {
      auto time = parse_rfc3339(*since);
      if (!time)
        return fail(ErrorKind::bad_input, fmt::format("--since {}: is no time", printable(*since)),
                    "for example 24h, or 2026-12-01T08:00:00Z");
      out.since = *time;
    }
  }
  return out;
}

std::string overhead_text(const KeptProfile& kept) {
  return kept.overhead ? fmt::format("{:.2f} %", *kept.overhead * 100) : std::string();
}

Result<cli::Outcome> list(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const KeptQuery query, query_of(arguments, context.clock.now()));
  SIGNALBOX_TRY(const auto database, open_kept_store(context.workspace, context.store));
  ProfileStore store(*database, blobs_of(context.workspace, context.store));
  SIGNALBOX_TRY(const std::vector<KeptProfile> found, store.list(query));
  SIGNALBOX_TRY(const ProfileStore::Totals totals, store.totals());
  Report out;
  out.instrument = "profile";
  out.title = "Kept profiles";
  out.facts = {{"kept", totals.profiles, ""}, {"size", amount_text(totals.bytes, "bytes"), ""}};
  constexpr auto kRight = Column::Align::right;
  Table table{"",
              {{"taken"},
               {"service"},
               {"commit"},
               {"measured", kRight},
               {"samples", kRight},
               {"overhead", kRight},
               {"profile"}},
              {}};
  Json profiles = Json::array();
  for (const KeptProfile& kept : found) {
    table.rows.push_back({{to_rfc3339(kept.taken)},
                          {kept.service},
                          {kept.commit.substr(0, kShortCommit)},
                          {fmt::format("{} {}", kept.type, amount_text(kept.total, kept.unit))},
                          {amount_text(kept.samples, "count")},
                          {overhead_text(kept)},
                          {kept.id.substr(0, kShortId)}});
    profiles.push_back(to_json(kept));
  }
  if (found.empty()) {
    out.summary = totals.profiles > 0 ? "none is like that" : "no profile is kept";
    out.next = {"signalbox profile --keep ./app", "signalbox profile store add FILE"};
  } else {
    out.tables.push_back(std::move(table));
  }
  out.data = Json::object({{"profiles", std::move(profiles)}});
  return cli::Outcome(std::move(out));
}

Result<cli::Outcome> get(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const auto database, open_kept_store(context.workspace, context.store));
  ProfileStore store(*database, blobs_of(context.workspace, context.store));
  SIGNALBOX_TRY(const KeptProfile kept, store.find_beginning(arguments.positionals()[0]));
  SIGNALBOX_TRY(std::string octets, store.octets(kept));
  return cli::Outcome(cli::Artifact{std::move(octets), Verdict::none});
}

Result<cli::Outcome> remove(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const auto database, open_kept_store(context.workspace, context.store));
  ProfileStore store(*database, blobs_of(context.workspace, context.store));
  Report out;
  out.instrument = "profile";
  out.title = "Profiles kept no longer";
  for (const std::string& word : arguments.positionals()) {
    SIGNALBOX_TRY(const KeptProfile kept, store.find_beginning(word));
    SIGNALBOX_CHECK(store.remove(kept.id));
    out.facts.push_back({kept.id.substr(0, kShortId), kept.service, ""});
  }
  for (const std::string& note : store.notes()) context.say(note);
  out.summary = fmt::format("{} removed", counted(arguments.positionals().size(), "profile"));
  return cli::Outcome(std::move(out));
}

cli::Command add_command() {
  cli::Command out;
  out.name = "add";
  out.summary = "Keep profiles of any format that is read, as they are";
  out.positionals = {{"FILE", "profiles", cli::Positional::Count::at_least_one}};
  out.options = {{"--service", "NAME", "what was profiled; default: what the profile says", {}, false},
                 {"--label", "NAME=VALUE", "say this of them", {}, true},
                 input_format_option()};
  out.run = add;
  return out;
}

cli::Command list_command() {
  cli::Command out;
  out.name = "list";
  out.summary = "Show which profiles are kept, the newest first";
  out.options = {{"--service", "NAME", "of this service alone", {}, false},
                 {"--commit", "ID", "of the commit whose id begins so", {}, false},
                 {"--since", "TIME", "of the last 24h; also an RFC 3339 time", {}, false},
                 {"--top", "N", "rows of the table; default 30", {}, false}};
  out.run = list;
  return out;
}

cli::Command get_command() {
  cli::Command out;
  out.name = "get";
  out.summary = "Write a kept profile as it came";
  out.positionals = {{"ID", "its id, or the beginning of it"}};
  out.formats = {"kept"};
  out.run = get;
  return out;
}

cli::Command remove_command() {
  cli::Command out;
  out.name = "remove";
  out.summary = "Keep profiles no longer";
  out.positionals = {{"ID", "their ids, or the beginnings of them", cli::Positional::Count::at_least_one}};
  out.run = remove;
  return out;
}

}  // namespace

cli::Command store_command() {
  cli::Command out;
  out.name = "store";
  out.summary = "Keep profiles where the console shows them";
  out.details =
      "Profiles are kept in the workspace's store, or in what --store names: a PostgreSQL database, or a "
      "Signalbox server, which takes them with a token of the role operator. `signalbox serve` shows them: a "
      "gallery, each as a flame graph with search and zoom, its functions, callers and callees, when its "
      "samples were taken, and what differs between two. 2 GiB are kept; what was kept first goes.";
  out.commands = {add_command(), list_command(), get_command(), remove_command()};
  return out;
}

}  // namespace signalbox::profile
