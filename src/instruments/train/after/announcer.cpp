#include "instruments/train/after/announcer.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "instruments/train/ramp/holder.hpp"
#include "instruments/train/ramp/station.hpp"

namespace signalbox::train::after {
namespace {

using State = AnnounceRow::State;
using What = AnnouncementEvent::What;

// Longer than any channel is let run.
constexpr Duration kPatience = kMaxChannelTimeout + std::chrono::minutes(5);
constexpr int kMaxAttempts = 8;  // of a step, where others append at the same time

// Of a message in one channel of one log: two logs that both have a train 2026-12 tell different things.
std::string id_of(const Sha256& first_leaf, const AnnounceRow& row) {
  constexpr std::size_t kDigits = 16;
  const std::string whole = std::string(as_octets(first_leaf)) + "\n" + row.key + "\n" + row.channel;
  return fmt::format("{}.{}.{}", row.train, row.key, to_hex(sha256(whole)).substr(0, kDigits));
}

std::string digest_of(const Words& words) {
  return to_hex(sha256(words.subject + "\n" + words.text));
}

// "builder (box, process 7)"
std::string who(const Delivery& delivery) {
  return fmt::format("{} ({})", printable(delivery.by), printable(delivery.holder.name));
}

// Of what is not told now.
State state_of(Telling telling) {
  return telling == Telling::leave  ? State::was_told
         : telling == Telling::wait ? State::under_way
                                    : State::unknown;
}

std::string reason_of(Telling telling, const Delivery& before) {
  const std::string since = to_rfc3339(before.since);
  if (telling == Telling::leave) return fmt::format("{} by {}", since, printable(before.by));
  if (telling == Telling::wait) return fmt::format("{} has begun it {}", who(before), since);
  if (before.state != Delivery::State::begun) return printable(before.why);
  return fmt::format("{} was stopped while telling it, {}", who(before), since);
}

}  // namespace

Result<std::vector<News>> Announcer::all_news(const std::string& train) const {
  SIGNALBOX_TRY(const TrainEvents events, events_of(office_, train));
  SIGNALBOX_TRY(const Rulebook book, read_rulebook(&office_.book->ledger(), office_.policy, clock_.now()));
  const Train folded = fold_train(events, book);
  const ramp::Ramp ramp = ramp::fold(events);
  const Passages passages = read_passages(events);
  const Told told = fold_announcements(events);
  return news_of({events, folded, ramp, passages, told, office_.policy.announcing.before});
}

Result<std::vector<News>> Announcer::wanted_news(const std::string& train) const {
  SIGNALBOX_TRY(const std::vector<News> all, all_news(train));
  std::vector<News> out;
  for (const News& one : all) {
    if (query_.moment ? one.moment == *query_.moment : one.is_due(clock_.now())) out.push_back(one);
  }
  if (!out.empty() || !query_.moment) return out;
  return fail(
      ErrorKind::conflict,
      fmt::format("train {}: there is nothing to tell of {} as it stands", train, name_of(*query_.moment)),
      "signalbox train show " + train);
}

Result<std::vector<AnnounceRow>> Announcer::announce(const std::string& train) {
  SIGNALBOX_TRY(const std::vector<News> all, wanted_news(train));
  std::vector<AnnounceRow> out;
  for (const News& one : all) {
    for (const Channel& channel : office_.policy.announcing.channels) {
      if (!channel.is_told_of(one.moment) || (query_.channel && *query_.channel != channel.name)) continue;
      SIGNALBOX_TRY(AnnounceRow row, tell_channel(train, one, channel));
      out.push_back(std::move(row));
    }
  }
  return out;
}

Telling Announcer::telling_of(const Delivery* before, const Channel& channel) const {
  const bool is_holder_gone = before != nullptr && ramp::has_ended(before->holder);
  const Telling telling = what_to_do(before, is_holder_gone, clock_.now(), kPatience);
  const bool may_repeat =
      channel.unsure == Channel::Unsure::tell_again ||
      std::find(query_.again.begin(), query_.again.end(), channel.name) != query_.again.end();
  return telling == Telling::doubt && may_repeat ? Telling::tell : telling;
}

// Where somebody else comes first, the log is read again: what they did may have been this.
Result<AnnounceRow> Announcer::tell_channel(const std::string& train, const News& news,
                                            const Channel& channel) {
  AnnounceRow row{train, news.key, channel.name, std::string(kind_of(channel)), news.moment, {}};
  auto words = office_.policy.announcing.wording.say(news.moment, news.facts);
  if (!words) {
    row.state = State::failed;
    row.why = printable(words.error().message);
    return row;
  }
  row.words = std::move(*words);
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    SIGNALBOX_TRY(const TrainEvents events, events_of(office_, train));
    const Told told = fold_announcements(events);
    const Delivery* const before = told.find(news.key, channel.name);
    const Telling telling = telling_of(before, channel);
    row.tries = before == nullptr ? 0 : before->tries;
    if (telling != Telling::tell) {
      row.state = state_of(telling);
      row.why = reason_of(telling, *before);
      return row;
    }
    if (query_.mode == AnnounceQuery::Mode::try_out) {
      row.state = State::would_be_told;
      row.why = before == nullptr ? std::string() : printable(before->why);
      return row;
    }
    SIGNALBOX_TRY(std::optional<AnnounceRow> done, carry_out(row, channel, events));
    if (done) return std::move(*done);
  }
  return fail(ErrorKind::conflict,
              fmt::format("the log of train {} grows faster than it can be told of", train),
              "the same command again");
}

// Nothing where somebody else came first: then nobody was told.
Result<std::optional<AnnounceRow>> Announcer::carry_out(AnnounceRow row, const Channel& channel,
                                                        const TrainEvents& events) {
  if (!query_.key) SIGNALBOX_CHECK(ramp::check_own_key(office_.book->own_key(), office_.policy.trust));
  SIGNALBOX_TRY(const evidence::Entry first, office_.book->ledger().entry(events.events.front().index));
  AnnouncementEvent begun;
  begun.message = row.key;
  begun.channel = row.channel;
  begun.kind = row.kind;
  begun.id = id_of(first.leaf, row);
  begun.subject = row.words.subject;
  begun.text = row.words.text;
  begun.digest = digest_of(row.words);
  begun.holder = ramp::this_holder();
  const auto appended = append_event(
      *office_.book, {row.train, "announcement", to_json(begun), {}, query_.key}, events.last_index);
  if (!appended && appended.error().kind == ErrorKind::conflict) return std::optional<AnnounceRow>();
  if (!appended) return fail(appended.error());
  const Outcome outcome =
      tell(parts_, channel, {row.moment, row.key, begun.id, row.train, row.words, clock_.now()});
  SIGNALBOX_CHECK(tell_outcome(row, outcome, begun.digest));
  row.state = outcome.is_told() ? State::told : outcome.may_have_arrived ? State::unknown : State::failed;
  row.why = printable(outcome.why);
  ++row.tries;
  return std::optional(std::move(row));
}

Status Announcer::tell_outcome(const AnnounceRow& row, const Outcome& outcome, const std::string& digest) {
  AnnouncementEvent event;
  event.what = outcome.is_told() ? What::told : What::failed;
  event.message = row.key;
  event.channel = row.channel;
  event.kind = row.kind;
  event.digest = digest;
  event.why = outcome.why;
  event.may_have_arrived = outcome.may_have_arrived;
  SIGNALBOX_CHECK(append_to(office_, row.train, [&](const TrainEvents&, const Aftermath&) {
    return Result<NewEvent>(NewEvent{row.train, "announcement", to_json(event), {}, query_.key});
  }));
  return {};
}

}  // namespace signalbox::train::after
