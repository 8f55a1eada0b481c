// A recorded decision of the train in the words of other tools: SLSA's verification summary and in-toto's
// simple verification result. What `evidence summarize` says of it and what the train leaves beside it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::gates {

inline constexpr std::string_view kDecisionType = "https://signalbox.dev/train/decision/v1";
inline constexpr std::string_view kVsaType = "https://slsa.dev/verification_summary/v1";
inline constexpr std::string_view kSvrType = "https://in-toto.io/attestation/svr/v0.1";
inline constexpr std::string_view kTrainVerifier = "https://signalbox.dev/train";  // where none is named

enum class SummaryForm {
  vsa,  // SLSA's
  svr   // in-toto's
};
std::string_view name_of(SummaryForm form);  // "vsa"

// A recorded decision, and what its readers have to know beside it.
struct SummaryInput {
  evidence::Statement decision;  // of kDecisionType
  Time time;                     // of its entry in the log
  std::string verifier;          // URI: who decided
  std::string resource;          // URI of what may depart
  // SHA-256 in hexadecimal of each envelope that it rests on; absent where one of them is not known any more.
  std::optional<std::vector<std::string>> inputs;
};

// https://slsa.dev/spec/v1.1/verification_summary. PASSED and the level SIGNALBOX_TRAIN_GO on GO, which
// claims no SLSA level; FAILED on NO-GO. bad_input where the statement is no decision.
Result<evidence::Statement> slsa_summary(const SummaryInput& input);
// https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md: SIGNALBOX_TRAIN_GO on GO, and
// SIGNALBOX_GATE_<NAME> of each gate that passed.
Result<evidence::Statement> simple_result(const SummaryInput& input);

struct SummaryRequest {
  SummaryForm form = SummaryForm::vsa;
  std::string verifier;
  std::string resource;  // a simple result names none: may be empty there
};
// The decision of that entry, with the digests of its envelope and of all those it rests on. Whether it is to
// be believed is for the caller to ask. not_found where its envelope was erased.
Result<evidence::Statement> summarize(const evidence::Ledger& ledger, const evidence::Entry& decision,
                                      const SummaryRequest& request);

// "git+https://example.com/shop.git@<commit>", as pip and SPDX name a commit of a repository: the first one
// that the subjects name, in the repository of `directory`. Nothing where git's origin there has no URL.
std::optional<std::string> commit_resource(const std::filesystem::path& directory,
                                           const std::vector<evidence::Subject>& subjects);
bool is_uri(const std::string& text);  // a scheme, and one line without spaces

}  // namespace signalbox::gates
