// What is said at each moment: templates of core/template, the built-in ones or those of the policy. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/config/config.hpp"
#include "core/template/template.hpp"
#include "instruments/train/after/moment.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxSubjectBytes = 300;
inline constexpr std::size_t kMaxTold = 40;                             // passengers that a message names
inline constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 10;  // what chats take, with room

// What there is to tell, for every moment the same members, so that no template fails for want of one; what
// does not apply is empty, 0 or false. As docs/announcements.md has them.
struct NewsFacts {
  std::string train, version, baseline;
  std::string departs, was_to_depart;  // RFC 3339
  bool is_cancelled = false, is_hotfix = false;
  std::string manifest;  // "sha256:…"
  std::string state;     // "paused", "taking-back", "stuck", "departed", "taken-back", "aborted"
  std::string since;     // RFC 3339: of that state
  std::string took;      // of going back: "42s"
  std::string why;       // of a move, a cancellation, a pause, a way back
  int weight = 0;        // percent of the traffic
  struct Passenger {
    std::string title, owner, risk;
  };
  std::vector<Passenger> passengers;  // the first kMaxTold of those aboard
  std::size_t aboard = 0;             // how many there are
};
Json to_json(const NewsFacts& facts);

// "#release-1.3.0": the channel in which people talk of a release on its day; empty without a version.
std::string talk_channel(std::string_view version);

// One line, and plain text of lines that may begin with "- ".
struct Words {
  std::string subject, text;  // the text is empty or ends with a newline
};

class Wording {
 public:
  static Wording built_in();
  // The templates that a map names by moment stand in for the built-in ones. bad_input with file:line:column
  // where one cannot be read, or does not fit what there is to tell.
  static Result<Wording> parse(const config::Node& templates);

  // bad_input where the template does, or where it comes to no subject, or to more than a chat takes.
  Result<Words> say(Moment moment, const NewsFacts& facts) const;

 private:
  std::map<Moment, templates::Template> templates_;
};

}  // namespace signalbox::train::after
