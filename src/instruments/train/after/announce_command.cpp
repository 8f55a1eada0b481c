#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/announcer.hpp"
#include "instruments/train/after/commands.hpp"
#include "instruments/train/after/feed.hpp"

namespace signalbox::train::after {
namespace {

Result<AnnounceQuery> query_of(const cli::Arguments& arguments) {
  AnnounceQuery out;
  if (const auto moment = arguments.get("--at")) {
    SIGNALBOX_TRY(out.moment, moment_from(*moment));
  }
  out.channel = arguments.get("--channel");
  out.again = arguments.all("--again");
  out.key = arguments.get("--key");
  if (arguments.has("--dry-run")) out.mode = AnnounceQuery::Mode::try_out;
  return out;
}

// The channels that are asked for, by their names in the configuration.
Status check_channels(const AnnounceQuery& query, const Policy& policy) {
  const std::vector<Channel>& channels = policy.announcing.channels;
  if (channels.empty()) {
    return fail(
        ErrorKind::not_found, fmt::format("{} names no channels", policy.source),
        "channels: [{name: chat, webhook: {url_env: CHAT_URL}}] in section train; they count from the "
        "next release on");
  }
  std::vector<std::string> names, wanted = query.again;
  for (const Channel& channel : channels) names.push_back(channel.name);
  if (query.channel) wanted.push_back(*query.channel);
  for (const std::string& name : wanted) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const auto near = nearest(name, names);
    return fail(ErrorKind::not_found, fmt::format("there is no channel {}", printable(name)),
                near ? fmt::format("did you mean {}?", *near) : "they are " + join(names, ", "));
  }
  return {};
}

// The one that is named, or all.
Result<std::vector<std::string>> trains_of(const cli::Arguments& arguments, Office& office) {
  if (const auto train = arguments.positional(0)) {
    SIGNALBOX_CHECK(events_of(office, *train));
    return std::vector<std::string>{*train};
  }
  if (!office.book) return std::vector<std::string>();
  return list_trains(office.book->ledger(), office.policy.trust);
}

Result<cli::Outcome> print_feed(Office& office) {
  const std::string title = feed_title(office.policy.announcing);
  if (title.empty() || !office.book) {
    return fail(ErrorKind::not_found, fmt::format("{} names no feed", office.policy.source),
                "channels: [{name: feed, atom: TITLE}] in section train, and an announcement in it");
  }
  SIGNALBOX_TRY(const AnnouncementFeed feed, read_feed(office.book->ledger(), office.policy.trust, title));
  return cli::Outcome(cli::Artifact{to_atom(feed)});
}

Result<cli::Outcome> print_deliveries(Office& office, const cli::Arguments& arguments) {
  const auto train = arguments.positional(0);
  if (!train)
    return fail(ErrorKind::bad_input, "--told of which train?", "signalbox train announce TRAIN --told");
  SIGNALBOX_TRY(const TrainEvents events, events_of(office, *train));
  return cli::Outcome(deliveries_report(fold_announcements(events)));
}

// Nothing goes out, to nobody, before the configuration that names the channels is allowed.
ramp::IsAllowed allowance_of(const std::optional<gates::Configuration>& configuration) {
  return [configuration]() -> Status {
    if (!configuration) return fail(ErrorKind::denied, "no configuration of this release names channels");
    SIGNALBOX_TRY(const bool allowed, gates::is_allowed(configuration->octets, configuration->path));
    if (allowed) return {};
    return fail(
        ErrorKind::denied,
        fmt::format("the channels of {} are not allowed on this machine", printable(configuration->path)),
        configuration->allow_with);
  };
}

Result<cli::Outcome> run_announce(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(AnnounceQuery query, query_of(arguments));
  const bool only_reads = arguments.has("--feed") || arguments.has("--told");
  const bool tells = query.mode == AnnounceQuery::Mode::tell && !only_reads;
  SIGNALBOX_TRY(Office office, open_office(context, tells ? Access::append : Access::read));
  if (arguments.has("--feed")) return print_feed(office);
  if (arguments.has("--told")) return print_deliveries(office, arguments);
  SIGNALBOX_CHECK(check_channels(query, office.policy));
  SIGNALBOX_TRY(const std::vector<std::string> trains, trains_of(arguments, office));
  const TellerParts parts{context.workspace.root, ramp::run_where_allowed(office.policy.configuration),
                          allowance_of(office.policy.configuration)};
  if (tells) SIGNALBOX_CHECK(parts.is_allowed());
  Announcer announcer(office, parts, context.clock, std::move(query));
  std::vector<AnnounceRow> rows;
  for (const std::string& train : trains) {
    SIGNALBOX_TRY(std::vector<AnnounceRow> more, announcer.announce(train));
    rows.insert(rows.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return cli::Outcome(
      announce_report(rows, arguments.positional(0) ? "train " + *arguments.positional(0) : "all trains"));
}

}  // namespace

cli::Command announce_command() {
  cli::Command command;
  command.name = "announce";
  command.summary =
      "Tell the channels of a train: planned, moved, locked, departing, paused, taken back, done";
  command.details =
      "Every message goes once to every channel that is told of its moment: what was told is in the log, and "
      "is "
      "not told again. What failed is told by the next call, so that the same command may run every minute. "
      "What may have arrived, because the connection broke or somebody was stopped, is told again with "
      "--again "
      "CHANNEL, or by itself where the channel says `unsure: tell-again`.\n\n"
      "Channels are those of the policy: of the last release, and allowed on this machine by signalbox "
      "allow.";
  std::vector<std::string> moments;
  for (const Moment moment : kMoments) moments.emplace_back(name_of(moment));
  command.options = {{.name = "--at",
                      .value = "MOMENT",
                      .help = "tell of this alone; by default of all that is due",
                      .choices = std::move(moments)},
                     {.name = "--channel", .value = "NAME", .help = "tell this channel alone"},
                     {.name = "--again",
                      .value = "CHANNEL",
                      .help = "tell it again there where nobody knows whether it arrived",
                      .repeated = true},
                     {.name = "--dry-run", .help = "show what would be told, and tell nobody"},
                     {.name = "--told", .help = "show what the log knows to be told, and what failed"},
                     {.name = "--feed", .help = "print the Atom feed of all trains"},
                     key_option()};
  command.positionals = {{"TRAIN", "its name; by default all of them", cli::Positional::Count::optional}};
  command.run = run_announce;
  return command;
}

}  // namespace signalbox::train::after
