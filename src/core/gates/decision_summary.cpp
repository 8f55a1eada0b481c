#include "core/gates/decision_summary.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/evidence/envelope.hpp"
#include "core/gates/decision_entries.hpp"
#include "core/git/repository.hpp"

namespace signalbox::gates {
namespace {

namespace ev = evidence;

constexpr std::string_view kGo = "SIGNALBOX_TRAIN_GO";
constexpr std::string_view kDigestPrefix = "sha256:";

// What both forms say.
struct Said {
  bool is_go = false;
  std::string policy_hex;  // SHA-256 of the policy that judged
};

Result<Said> read_decision(const SummaryInput& input) {
  const Json& said = input.decision.predicate;
  const std::string_view word = said["decision"].as_string();
  const std::string_view digest = said["policy"]["digest"].as_string();
  if (input.decision.predicate_type != kDecisionType || (word != "GO" && word != "NO-GO") ||
      !digest.starts_with(kDigestPrefix))
    return fail(ErrorKind::bad_input, "this is no decision of a train",
                "signalbox evidence query --type train/decision/v1");
  return Said{word == "GO", std::string(digest.substr(kDigestPrefix.size()))};
}

Json sha256_set(const std::string& hex) {
  return Json::object({{"sha256", hex}});
}

// A policy is known by its digest: RFC 6920 has URIs for such names.
Result<Json> policy_json(const std::string& hex) {
  SIGNALBOX_TRY(const Sha256 digest, sha256_from_hex(hex));
  return Json::object(
      {{"uri", "ni:///sha-256;" + to_base64url(as_octets(digest))}, {"digest", sha256_set(hex)}});
}

// "unit tests" → "UNIT_TESTS".
std::string property_of(std::string_view gate) {
  std::string out = "SIGNALBOX_GATE_";
  for (const char c : gate) {
    const bool is_lower = c >= 'a' && c <= 'z';
    const bool stays = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += is_lower ? static_cast<char>(c - 'a' + 'A') : stays ? c : '_';
  }
  return out;
}

// Two gates may come to one property: it holds where both passed.
Json passed_properties(const Json& decision, bool is_go) {
  std::map<std::string, bool> holds;
  for (const Json& condition : decision["conditions"].items()) {
    const bool passed = condition["result"].as_string() == "pass";
    const auto [place, is_new] = holds.emplace(property_of(condition["name"].as_string()), passed);
    if (!is_new) place->second = place->second && passed;
  }
  Json out = Json::array();
  if (is_go) out.push_back(kGo);
  for (const auto& [property, passed] : holds) {
    if (passed) out.push_back(property);
  }
  return out;
}

// It is about what may depart; the name of a train is no thing that its readers hold.
std::vector<ev::Subject> subjects_of(const ev::Statement& decision) {
  std::vector<ev::Subject> out;
  std::copy_if(decision.subjects.begin(), decision.subjects.end(), std::back_inserter(out),
               [](const ev::Subject& subject) { return !subject.name.starts_with("train:"); });
  return out;
}

// The digests of all envelopes behind a decision and of its own; nothing where one was erased.
Result<std::optional<std::vector<std::string>>> inputs_of(const ev::Ledger& ledger, const ev::Entry& decision,
                                                          const ev::Statement& statement) {
  std::vector<std::string> out{to_hex(sha256(decision.envelope))};
  for (const std::uint64_t index : entries_behind(statement.predicate)) {
    SIGNALBOX_TRY(const ev::Entry entry, ledger.entry(index));
    if (entry.envelope.empty()) return std::optional<std::vector<std::string>>();
    out.push_back(to_hex(sha256(entry.envelope)));
  }
  return std::optional(std::move(out));
}

}  // namespace

std::string_view name_of(SummaryForm form) {
  return form == SummaryForm::vsa ? "vsa" : "svr";
}

bool is_uri(const std::string& text) {
  const std::size_t colon = text.find(':');
  return colon != std::string::npos && colon > 0 && printable(text) == text &&
         text.find_first_of(" \n") == std::string::npos;
}

std::optional<std::string> commit_resource(const std::filesystem::path& directory,
                                           const std::vector<ev::Subject>& subjects) {
  const auto has_commit = [](const ev::Subject& subject) { return subject.digest.count("gitCommit") > 0; };
  const auto about = std::find_if(subjects.begin(), subjects.end(), has_commit);
  const auto repository = git::Repository::open(directory);
  const auto url = repository ? repository->remote_url() : fail(repository.error());
  if (about == subjects.end() || !url || url->find("://") == std::string::npos) return std::nullopt;
  return fmt::format("git+{}@{}", *url, about->digest.at("gitCommit"));
}

Result<ev::Statement> summarize(const ev::Ledger& ledger, const ev::Entry& decision,
                                const SummaryRequest& request) {
  if (decision.envelope.empty())
    return fail(ErrorKind::not_found, fmt::format("entry {}: its envelope was erased", decision.index));
  SummaryInput input;
  SIGNALBOX_TRY(const ev::Envelope envelope, ev::parse_envelope(decision.envelope));
  SIGNALBOX_TRY(input.decision, ev::parse_statement(envelope.payload));
  SIGNALBOX_TRY(input.inputs, inputs_of(ledger, decision, input.decision));
  input.time = decision.time;
  input.verifier = request.verifier;
  input.resource = request.resource;
  return request.form == SummaryForm::svr ? simple_result(input) : slsa_summary(input);
}

Result<ev::Statement> slsa_summary(const SummaryInput& input) {
  SIGNALBOX_TRY(const Said said, read_decision(input));
  SIGNALBOX_TRY(Json policy, policy_json(said.policy_hex));
  Json verifier = Json::object({{"id", input.verifier}});
  constexpr std::string_view program = "signalbox ";
  const std::string_view evaluator = input.decision.predicate["evaluator"].as_string();
  if (evaluator.starts_with(program))
    verifier.set("version", Json::object({{"signalbox", evaluator.substr(program.size())}}));
  Json predicate = Json::object({{"verifier", std::move(verifier)},
                                 {"timeVerified", to_rfc3339(input.time)},
                                 {"resourceUri", input.resource},
                                 {"policy", std::move(policy)}});
  if (input.inputs) {
    Json attestations = Json::array();
    for (const std::string& hex : *input.inputs)
      attestations.push_back(Json::object({{"digest", sha256_set(hex)}}));
    predicate.set("inputAttestations", std::move(attestations));
  }
  Json levels = Json::array();
  levels.push_back(said.is_go ? kGo : std::string_view("FAILED"));
  predicate.set("verificationResult", said.is_go ? "PASSED" : "FAILED");
  predicate.set("verifiedLevels", std::move(levels));
  predicate.set("slsaVersion", "1.1");
  return ev::Statement{subjects_of(input.decision), std::string(kVsaType), std::move(predicate)};
}

Result<ev::Statement> simple_result(const SummaryInput& input) {
  SIGNALBOX_TRY(const Said said, read_decision(input));
  SIGNALBOX_TRY(Json policy, policy_json(said.policy_hex));
  Json predicate =
      Json::object({{"verifier", Json::object({{"id", input.verifier}, {"policy", std::move(policy)}})},
                    {"timeCreated", to_rfc3339(input.time)},
                    {"properties", passed_properties(input.decision.predicate, said.is_go)}});
  return ev::Statement{subjects_of(input.decision), std::string(kSvrType), std::move(predicate)};
}

}  // namespace signalbox::gates
