#include "instruments/train/after/feed.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/report/escape.hpp"
#include "instruments/train/events/events_of_kinds.hpp"

namespace signalbox::train::after {
namespace {

// A name for ever, RFC 4151; 2026 is the year from which on such names are given.
std::string tag_of(std::string_view kind, std::string_view what) {
  return fmt::format("tag:signalbox.dev,2026:{}/{}", kind, what);
}

std::string entry_text(const FeedEntry& entry) {
  const std::string time = to_rfc3339(entry.time);
  return fmt::format(
      "  <entry>\n    <id>{}</id>\n    <title>{}</title>\n    <updated>{}</updated>\n"
      "    <published>{}</published>\n    <author><name>{}</name></author>\n"
      "    <content type=\"text\">{}</content>\n  </entry>\n",
      report::escape_markup(tag_of("announcement", entry.id)), report::escape_markup(entry.subject), time,
      time, report::escape_markup(entry.by),
      report::escape_markup(entry.text.empty() ? entry.subject : entry.text));
}

}  // namespace

std::string to_atom(const AnnouncementFeed& feed) {
  const Time updated = feed.entries.empty() ? Time() : feed.entries.front().time;
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
      "  <id>{}</id>\n  <title>{}</title>\n  <updated>{}</updated>\n",
      report::escape_markup(tag_of("announcements", feed.log)), report::escape_markup(feed.title),
      to_rfc3339(updated));
  for (const FeedEntry& entry : feed.entries) out += entry_text(entry);
  return out + "</feed>\n";
}

Result<AnnouncementFeed> read_feed(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                   std::string title) {
  constexpr std::size_t kDigits = 16;
  AnnouncementFeed out;
  out.title = std::move(title);
  SIGNALBOX_TRY(const evidence::PublicKey log, ledger.log_key());
  out.log = to_hex(sha256(log.name)).substr(0, kDigits);
  SIGNALBOX_TRY(const std::vector<TrainEvents> trains, read_events_of_kinds(ledger, trust, {"announcement"}));
  for (const TrainEvents& events : trains) {
    for (const auto& [place, delivery] : fold_announcements(events).deliveries) {
      const bool is_in_it = delivery.kind == "atom" && delivery.state == Delivery::State::told;
      if (is_in_it)
        out.entries.push_back({delivery.id, delivery.since, delivery.by, delivery.subject, delivery.text});
    }
  }
  std::stable_sort(out.entries.begin(), out.entries.end(),
                   [](const FeedEntry& a, const FeedEntry& b) { return a.time > b.time; });
  if (out.entries.size() > kMaxFeedEntries) out.entries.resize(kMaxFeedEntries);
  return out;
}

}  // namespace signalbox::train::after
