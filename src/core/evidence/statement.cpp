#include "core/evidence/statement.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::string_view kStatementTypeV01 = "https://in-toto.io/Statement/v0.1";
constexpr std::size_t kMaxTypeBytes = 2048;

bool is_hex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool is_algorithm_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.';
  });
}

// The digits a digest of a well-known algorithm has; 0: the algorithm is not known here.
std::size_t digits_of(std::string_view algorithm) {
  if (algorithm == "sha256" || algorithm == "sha3_256" || algorithm == "sha512_256") return 64;
  if (algorithm == "sha1") return 40;
  if (algorithm == "sha224") return 56;
  if (algorithm == "sha384") return 96;
  if (algorithm == "sha512") return 128;
  return 0;
}

Status check_digest(std::string_view algorithm, std::string_view value) {
  if (!is_algorithm_name(algorithm)) {
    return fail(ErrorKind::bad_input,
                fmt::format("\"{}\" is no name of a digest algorithm", printable(algorithm)));
  }
  if (!is_hex(value) || to_lower(value) != value) {
    return fail(ErrorKind::bad_input, fmt::format("the {} digest is not lower-case hexadecimal", algorithm));
  }
  const std::size_t digits = digits_of(algorithm);
  if (digits != 0 && value.size() != digits) {
    return fail(ErrorKind::bad_input, fmt::format("a {} digest has {} hexadecimal digits, not {}", algorithm,
                                                  digits, value.size()));
  }
  if (algorithm.substr(0, 3) == "git" && value.size() != 40 && value.size() != 64) {
    return fail(ErrorKind::bad_input,
                fmt::format("a {} has 40 or 64 hexadecimal digits, not {}", algorithm, value.size()));
  }
  return {};
}

// Graphic ASCII or UTF-8 without white space; with `scheme`, as RFC 3986 section 3.1 has it, where `strict`.
Status check_type(std::string_view type, bool strict) {
  if (type.empty()) return fail(ErrorKind::bad_input, "$.predicateType: there is none");
  if (type.size() > kMaxTypeBytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("$.predicateType: {} bytes; at most {}", type.size(), kMaxTypeBytes));
  }
  const bool graphic = std::none_of(
      type.begin(), type.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
  if (!graphic || !is_utf8(type))
    return fail(ErrorKind::bad_input, "$.predicateType: holds white space or control characters");
  const std::size_t colon = type.find(':');
  if (strict && (colon == 0 || colon == std::string_view::npos || type.find('/') < colon)) {
    return fail(ErrorKind::bad_input, fmt::format("$.predicateType: \"{}\" is no URI", printable(type)),
                "as https://example.com/kind/v1");
  }
  return {};
}

Result<Subject> parse_subject(const Json& json, std::size_t index) {
  const std::string where = fmt::format("$.subject[{}]", index);
  if (!json.is_object()) return fail(ErrorKind::bad_input, where + ": not an object");
  Subject subject;
  subject.name = std::string(json["name"].as_string());
  for (const auto& [algorithm, value] : json["digest"].members()) {
    if (value.as_string().empty())
      return fail(ErrorKind::bad_input, fmt::format("{}.digest.{}: not a text", where, printable(algorithm)));
    const std::string_view text = value.as_string();
    subject.digest[algorithm] = is_hex(text) ? to_lower(text) : std::string(text);
  }
  if (subject.digest.empty()) {
    return fail(ErrorKind::bad_input, where + ": has no digest",
                "a subject is known by its digest; a name alone proves nothing");
  }
  return subject;
}

}  // namespace

std::vector<std::string> digests_of(const Subject& subject) {
  std::vector<std::string> out;
  for (const auto& [algorithm, hex] : subject.digest) out.push_back(algorithm + ":" + hex);
  return out;
}

bool matches(const Subject& a, const Subject& b) {
  bool shared = false;
  for (const auto& [algorithm, value] : a.digest) {
    const auto other = b.digest.find(algorithm);
    if (other == b.digest.end()) continue;
    if (other->second != value) return false;
    shared = true;
  }
  return shared;
}

Result<Subject> subject_from_text(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return fail(ErrorKind::bad_input, fmt::format("{}: not a digest", printable(text)),
                "write it as ALGORITHM:HEX, as gitCommit:1a2b…");
  }
  const std::string algorithm(text.substr(0, colon));
  const std::string value = to_lower(text.substr(colon + 1));
  if (auto good = check_digest(algorithm, value); !good)
    return fail_in(printable(text), std::move(good).error());
  return Subject{.name = {}, .digest = {{algorithm, value}}};
}

Result<Statement> parse_statement(std::string_view json) {
  SIGNALBOX_TRY(Json root, parse_json(json));
  if (!root.is_object()) return fail(ErrorKind::bad_input, "a Statement is a JSON object");
  const std::string_view type = root["_type"].as_string();
  if (type != kStatementType && type != kStatementTypeV01) {
    return fail(ErrorKind::bad_input,
                fmt::format("$._type: not an in-toto Statement: \"{}\"", printable(type.substr(0, 200))),
                fmt::format("it is {}", kStatementType));
  }
  Statement statement;
  statement.predicate_type = std::string(root["predicateType"].as_string());
  SIGNALBOX_CHECK(check_type(statement.predicate_type, false));
  const Json& subjects = std::as_const(root)["subject"];
  if (!subjects.is_array() || subjects.items().empty())
    return fail(ErrorKind::bad_input, "$.subject: there is none");
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    SIGNALBOX_TRY(Subject subject, parse_subject(subjects.items()[i], i));
    statement.subjects.push_back(std::move(subject));
  }
  for (auto& [key, value] : root.members()) {
    if (key == "predicate") statement.predicate = std::move(value);
  }
  if (!statement.predicate.is_null() && !statement.predicate.is_object()) {
    return fail(ErrorKind::bad_input, "$.predicate: not an object");
  }
  return statement;
}

Result<std::string> write_statement(const Statement& statement) {
  SIGNALBOX_CHECK(check_type(statement.predicate_type, true));
  if (statement.subjects.empty()) return fail(ErrorKind::bad_input, "a Statement without subject");
  if (!statement.predicate.is_null() && !statement.predicate.is_object()) {
    return fail(ErrorKind::bad_input, "the predicate is not an object");
  }
  Json subjects = Json::array();
  for (const Subject& subject : statement.subjects) {
    Json digest = Json::object();
    for (const auto& [algorithm, value] : subject.digest) {
      SIGNALBOX_CHECK(check_digest(algorithm, value));
      digest.set(algorithm, value);
    }
    if (subject.digest.empty()) {
      return fail(ErrorKind::bad_input,
                  fmt::format("the subject \"{}\" has no digest", printable(subject.name)));
    }
    Json item = Json::object();
    if (!subject.name.empty()) item.set("name", subject.name);
    item.set("digest", std::move(digest));
    subjects.push_back(std::move(item));
  }
  Json root = Json::object({{"_type", kStatementType},
                            {"predicateType", statement.predicate_type},
                            {"subject", std::move(subjects)}});
  if (!statement.predicate.is_null()) root.set("predicate", statement.predicate);
  std::string octets = root.canonical();
  // What it cannot read back (a number beyond 2^53, bad UTF-8, too deep, too large) it does not write.
  if (auto read = parse_statement(octets); !read)
    return fail_in("this Statement could not be read back", std::move(read).error());
  return octets;
}

}  // namespace signalbox::evidence
