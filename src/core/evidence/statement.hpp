// in-toto Statement v1: what is claimed, and about which digests. https://github.com/in-toto/attestation,
// spec/v1/statement.md
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";
inline constexpr std::string_view kPredicatePrefix = "https://signalbox.dev/";

// What a statement is about. Matching is by digest: every algorithm present on both sides agrees, and at
// least one is present on both.
struct Subject {
  std::string name;
  std::map<std::string, std::string>
      digest;  // algorithm ("sha256", "gitCommit") → lower-case hexadecimal; not empty
};

bool matches(const Subject& a, const Subject& b);
std::vector<std::string> digests_of(const Subject& subject);  // each as "gitCommit:<hex>"
// "gitCommit:<40 hex>" → a subject. bad_input where it is not ALG:HEX.
Result<Subject> subject_from_text(std::string_view text);

struct Statement {
  std::vector<Subject> subjects;  // not empty
  std::string predicate_type;     // a URI
  Json predicate;                 // an object; null where absent
};

// Tolerant reader: unknown members are ignored, v0.1 is read too. Subjects without digest are refused.
Result<Statement> parse_statement(std::string_view json);
// Strict writer: refuses what the reader would refuse. Canonical JSON.
Result<std::string> write_statement(const Statement& statement);

}  // namespace signalbox::evidence
