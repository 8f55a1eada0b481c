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

std::string who(const Delivery& delivery) {
  return delivery.holder.name.empty()
             ? printable(delivery.by)
             : fmt::format("{} ({})", printable(delivery.by), printable(delivery.holder.name));
}

}  // namespace

struct Announcer::Standing {
  TrainEvents events;
  Train train;
  Told told;
  std::vector<News> news;
};

Result<Announcer::Standing> Announcer::read(const std::string& train) const {
  Standing out;
  SIGNALBOX_TRY(out.events, events_of(office_, train));
  SIGNALBOX_TRY(const Rulebook book, read_rulebook(&office_.book->ledger(), office_.policy, clock_.now()));
  out.train = fold_train(out.events, book);
  out.told = fold_announcements(out.events);
  const ramp::Ramp ramp = ramp::fold(out.events);
  const Passages passages = read_passages(out.events);
  out.news = news_of({out.events, out.train, ramp, passages, out.told, office_.policy.announcing.before});
  return out;
}

Result<std::vector<News>> Announcer::wanted_news(const Standing& standing) const {
  std::vector<News> out;
  for (const News& news : standing.news) {
    if (query_.moment ? news.moment == *query_.moment : news.is_due(clock_.now())) out.push_back(news);
  }
  if (!out.empty() || !query_.moment) return out;
  return fail(ErrorKind::conflict,
              fmt::format("train {}: there is nothing to tell of {} as it stands", standing.events.train,
                          name_of(*query_.moment)),
              "signalbox train show " + standing.events.train);
}

Result<std::vector<AnnounceRow>> Announcer::announce(const std::string& train) {
  SIGNALBOX_TRY(const Standing standing, read(train));
  SIGNALBOX_TRY(const std::vector<News> all, wanted_news(standing));
  std::vector<AnnounceRow> out;
  for (const News& news : all) {
    for (const Channel& channel : office_.policy.announcing.channels) {
      if (!channel.is_told_of(news.moment) || (query_.channel && *query_.channel != channel.name)) continue;
      SIGNALBOX_TRY(AnnounceRow row, tell_channel(train, news, channel));
      out.push_back(std::move(row));
    }
  }
  return out;
}

Result<AnnounceRow> Announcer::tell_channel(const std::string& train, const News& news,
                                            const Channel& channel) {
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    SIGNALBOX_TRY(std::optional<AnnounceRow> row, try_to_tell(train, news, channel));
    if (row) return std::move(*row);
  }
  return fail(ErrorKind::conflict,
              fmt::format("the log of train {} grows faster than it can be told of", train),
              "the same command again");
}

// Nothing where somebody else came first: what they did may have been this.
Result<std::optional<AnnounceRow>> Announcer::try_to_tell(const std::string& train, const News& news,
                                                          const Channel& channel) {
  SIGNALBOX_TRY(const TrainEvents events, events_of(office_, train));
  const Told told = fold_announcements(events);
  const Delivery* const before = told.find(news.key, channel.name);
  AnnounceRow row{train, news.key, channel.name, std::string(kind_of(channel)), news.moment, {}};
  SIGNALBOX_TRY(row.words, office_.policy.announcing.wording.say(news.moment, news.facts));
  row.tries = before == nullptr ? 0 : before->tries;
  const bool is_asked_again =
      std::find(query_.again.begin(), query_.again.end(), channel.name) != query_.again.end();
  const bool is_holder_gone = before != nullptr && ramp::has_ended(before->holder);
  Telling telling = what_to_do(before, is_holder_gone, clock_.now(), kPatience);
  const bool may_repeat = is_asked_again || channel.unsure == Channel::Unsure::tell_again;
  if (telling == Telling::doubt && may_repeat) telling = Telling::tell;
  switch (telling) {
    case Telling::leave:
      row.state = State::was_told;
      row.why = fmt::format("{} by {}", to_rfc3339(before->since), printable(before->by));
      return std::optional(std::move(row));
    case Telling::wait:
      row.state = State::under_way;
      row.why = fmt::format("{} has begun it {}", who(*before), to_rfc3339(before->since));
      return std::optional(std::move(row));
    case Telling::doubt:
      row.state = State::unknown;
      row.why = before->state == Delivery::State::begun ? fmt::format("{} was stopped while telling it, {}",
                                                                      who(*before), to_rfc3339(before->since))
                                                        : printable(before->why);
      return std::optional(std::move(row));
    case Telling::tell:
      break;
  }
  if (query_.mode == AnnounceQuery::Mode::try_out) {
    row.state = State::would_be_told;
    if (before != nullptr) row.why = printable(before->why);
    return std::optional(std::move(row));
  }
  AnnouncementEvent begun;
  begun.message = row.key;
  begun.channel = row.channel;
  begun.kind = row.kind;
  begun.subject = row.words.subject;
  begun.text = row.words.text;
  begun.digest = digest_of(row.words);
  begun.holder = ramp::this_holder();
  SIGNALBOX_TRY(const evidence::Entry first, office_.book->ledger().entry(events.events.front().index));
  begun.id = id_of(first.leaf, row);
  if (!query_.key) SIGNALBOX_CHECK(ramp::check_own_key(office_.book->own_key(), office_.policy.trust));
  const auto appended =
      append_event(*office_.book, {train, "announcement", to_json(begun), {}, query_.key}, events.last_index);
  if (!appended && appended.error().kind == ErrorKind::conflict) return std::optional<AnnounceRow>();
  if (!appended) return fail(appended.error());
  const Message message{row.moment, row.key, begun.id, train, row.words, clock_.now()};
  const Outcome outcome = tell(parts_, channel, message);
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
