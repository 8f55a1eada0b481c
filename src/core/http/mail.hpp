// A message of electronic mail, as it is written (RFC 5322). smtp.hpp hands it to a server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::http {

struct Mail {
  std::string from;             // an address without a name
  std::vector<std::string> to;  // at least one
  std::string message_id;       // without angle brackets: "planning.0.4f2a@example.org"
  std::string subject;          // one line, UTF-8
  std::string text;             // plain text, UTF-8
  Time date;
};

// Only what an address of RFC 5321 may hold without quotes, and both sides of one @.
bool is_mail_address(std::string_view text);

// Headers, an empty line, the text in quoted-printable, lines ended by CRLF (RFC 2045, 2047). bad_input where
// an address, the id or the subject cannot stand in a header: none of them can bring a header of its own.
Result<std::string> write_mail(const Mail& mail);

}  // namespace signalbox::http
