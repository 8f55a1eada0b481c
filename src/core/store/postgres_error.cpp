#include "core/store/postgres_error.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::store {
namespace {

// A code, or a class of codes (two letters), its kind and its hint. The first that fits counts.
struct Meaning {
  std::string_view code;
  ErrorKind kind;
  std::string_view hint;
};

constexpr std::string_view kCredentials =
    "give the right user and password (in ~/.pgpass, or PGPASSWORD), and let pg_hba.conf of the server admit "
    "it";
constexpr std::string_view kUnreachable =
    "is the server running, and is this its address? what was acknowledged is safe";

constexpr std::array kMeanings{
    Meaning{"28", ErrorKind::denied, kCredentials},
    Meaning{"3D000", ErrorKind::not_found, "make the database first: createdb NAME"},
    Meaning{"3F000", ErrorKind::not_found, "the search_path of this user names no schema that exists"},
    Meaning{
        "42501", ErrorKind::denied,
        "grant it: the user needs create and usage on its schema, and select, insert, update, delete on the "
        "tables"},
    Meaning{"25006", ErrorKind::denied,
            "the store can be read but not written: a standby, or opened for reading"},
    Meaning{"53100", ErrorKind::unavailable,
            "make room on the server's disk, then run the same command again; what was acknowledged is safe"},
    Meaning{"53300", ErrorKind::unavailable, "raise max_connections of the server, or close other programs"},
    Meaning{"53", ErrorKind::unavailable, "the server has too little memory or other resources"},
    Meaning{"57", ErrorKind::unavailable, "the server is starting or stopping: run the same command again"},
    Meaning{"58", ErrorKind::unavailable, "the server's disk failed: see its log"},
    Meaning{"08", ErrorKind::unavailable, kUnreachable},
    Meaning{"40", ErrorKind::unavailable, "another program was in the way: run the same command again"},
    Meaning{"XX001", ErrorKind::unavailable, "the server's data are damaged: restore them from a backup"},
    Meaning{"XX002", ErrorKind::unavailable,
            "an index of the server is damaged: REINDEX, or restore a backup"},
    Meaning{"23", ErrorKind::conflict, ""},
    Meaning{"22", ErrorKind::bad_input, ""},
    Meaning{"54", ErrorKind::bad_input, ""},
};

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

std::string_view first_line(std::string_view text) {
  return trim(text.substr(0, text.find('\n')));
}

}  // namespace

Error postgres_error(std::string_view where, std::string_view sqlstate, std::string_view message) {
  Error out{ErrorKind::internal, fmt::format("{}: {}", where, printable(first_line(message))), {}};
  if (sqlstate.empty()) {
    out.kind = ErrorKind::unavailable;
    out.hint = kUnreachable;
    return out;
  }
  const auto meaning = std::find_if(kMeanings.begin(), kMeanings.end(),
                                    [&](const Meaning& m) { return sqlstate.starts_with(m.code); });
  if (meaning == kMeanings.end()) {
    out.message += fmt::format(" ({})", sqlstate);
    return out;
  }
  out.kind = meaning->kind;
  out.hint = meaning->hint;
  return out;
}

std::string_view sqlstate_in(std::string_view message) {
  constexpr std::string_view kBefore = ":  ";
  for (std::size_t at = message.find(kBefore); at != std::string_view::npos;
       at = message.find(kBefore, at + 1)) {
    const std::string_view rest = message.substr(at + kBefore.size());
    if (rest.size() > 5 && rest[5] == ':' && is_sqlstate(rest.substr(0, 5))) return rest.substr(0, 5);
  }
  return {};
}

Error postgres_connection_error(std::string_view where, std::string_view message, bool needs_password) {
  const std::string_view code = sqlstate_in(message);
  if (needs_password && code.empty())
    return {ErrorKind::denied, fmt::format("{}: the server asks for a password", where),
            std::string(kCredentials)};
  if (code.empty()) return postgres_error(where, code, message);
  const char* const after = code.data() + code.size() + 1;
  return postgres_error(where, code, message.substr(static_cast<std::size_t>(after - message.data())));
}

}  // namespace signalbox::store
