// What was announced, to subscribe to: an Atom feed (RFC 4287) of the messages that channels of kind `atom`
// were told. Pure, but for its reader.
#pragma once

#include <string>
#include <vector>

#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "instruments/train/after/announcement.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxFeedEntries = 100;  // the newest

struct FeedEntry {
  std::string id;  // of the message in its channel, the same for ever
  Time time;       // when it was told
  std::string by;  // key that signed it
  std::string subject, text;
};
struct AnnouncementFeed {
  std::string title;
  std::string log;                 // what tells this log from others: [A-Za-z0-9._-]
  std::vector<FeedEntry> entries;  // the newest first
};
// Text of others is text in it: nothing of theirs is markup.
std::string to_atom(const AnnouncementFeed& feed);

// Of all trains.
Result<AnnouncementFeed> read_feed(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                   std::string title);

}  // namespace signalbox::train::after
