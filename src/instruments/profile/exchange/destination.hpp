// Where profiles are sent: which kind of receiver, its address, and what it is told beside the profile.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/http/client.hpp"

namespace signalbox::profile {

enum class Receiver { pyroscope, parca, otlp, signalbox };
const std::vector<std::string>& receiver_names();  // "pyroscope" …
std::optional<Receiver> receiver_from(std::string_view name);
std::string_view name_of(Receiver receiver);

using NamedValue = std::pair<std::string, std::string>;

struct Destination {
  Receiver receiver = Receiver::pyroscope;
  std::string url;  // as requests begin: with the path of the receiver's API, without a slash at its end
  std::vector<NamedValue> headers;  // sent with each request, never kept on disk
  std::vector<NamedValue> labels;   // of the profile, as its receiver has them; each name once
  std::string app;                  // what was profiled
  std::string ca_file;              // PEM; empty: the system's authorities
};

// From words of the command line: the address, values of --header and --label as NAME=VALUE. An address that
// ends with the path of the receiver's API already keeps it. bad_input names the word: no http or https
// address, a query in it, a name that is none, twice the same, or a header `Authorization` that would go to
// another machine in the clear.
Result<Destination> destination_of(Receiver receiver, std::string_view url,
                                   const std::vector<std::string>& headers,
                                   const std::vector<std::string>& labels);

// --header NAME=VALUE for requests to `address`, as above.
Result<std::vector<NamedValue>> headers_for(const http::Address& address,
                                            const std::vector<std::string>& headers);

// What an answer says, for a message: its first line, in 300 columns, and in it none of what these headers
// hold, whole or in part, as it was sent or decoded: who answers may repeat what it was sent. Empty where the
// answer is no text.
std::string words_said(std::string_view answer, const std::vector<NamedValue>& headers);

// A name as every receiver takes it: letters, digits, '_', '-', '.' and '/', anything else as '_'.
std::string app_name(std::string_view text);

}  // namespace signalbox::profile
