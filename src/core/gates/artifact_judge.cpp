// The kind `artifact`: the candidate's file, and that of the release to which a rollback would go.
#include <optional>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/judge_parts.hpp"
#include "core/gates/placeholders.hpp"

namespace signalbox::gates {
namespace {

// "dist/app-{version}.tar.gz" → "dist/app-1.2.0.tar.gz"
std::string path_of(std::string_view pattern, const ReleaseBefore& release) {
  return filled(pattern, {{"{version}", release.version}, {"{tag}", release.tag}});
}

// SHA-256 of the file, which its checksum file says too where the rule names one; else a refusal.
struct Looked {
  std::string digest;
  std::optional<Refusal> refusal;
};
Looked look_at(const std::filesystem::path& directory, const ArtifactRule& rule) {
  const auto digest = digest_of_artifact(directory, rule.file);
  if (!digest) return {{}, Refusal{"missing", digest.error().message, {}}};
  if (rule.checksums.empty()) return {*digest, {}};
  const auto recorded = recorded_checksum(directory, rule);
  if (!recorded) return {*digest, Refusal{"checksum", recorded.error().message, {}}};
  if (*recorded == *digest) return {*digest, {}};
  return {*digest, Refusal{"checksum",
                           fmt::format("{} is sha256:{}, and {} says sha256:{}", printable(rule.file),
                                       *digest, printable(rule.checksums), *recorded),
                           {}}};
}

// Why a rollback could not bring the release before back. Nothing where it could, or where there is none.
std::optional<Refusal> look_at_release_before(const Gate& gate, const Situation& situation) {
  const auto& previous = std::get<ArtifactRule>(gate.rule).previous;
  if (!previous || !situation.release_before) return {};
  const ReleaseBefore& release = *situation.release_before;
  const ArtifactRule rule{path_of(previous->file, release), path_of(previous->checksums, release), {}};
  std::optional<Refusal> refusal = look_at(situation.directory, rule).refusal;
  if (!refusal) return {};
  return Refusal{"previous",
                 fmt::format("a rollback would go to {}: {}", printable(release.tag), refusal->answer),
                 gate.remedy.empty() ? "sha256sum --check " + shell_word(rule.checksums) : gate.remedy};
}

Result<GateResult> judge_candidate(const Gate& gate, const Situation& situation, Evaluator& evaluator) {
  const auto& rule = std::get<ArtifactRule>(gate.rule);
  GateResult result = result_for(gate);
  if (situation.directory.empty())
    return red(gate, std::move(result), {"missing", "there is no folder to look for it in", remedy_of(gate)});
  Looked looked = look_at(situation.directory, rule);
  if (looked.refusal) {
    looked.refusal->remedy = remedy_of(gate);
    return red(gate, std::move(result), std::move(*looked.refusal));
  }
  const std::string found = "sha256:" + looked.digest;
  if (gate.type.empty())
    return green(std::move(result), found + ", as " + printable(rule.checksums) + " says");
  Gate about = gate;
  about.subject = found;
  SIGNALBOX_TRY(GateResult judged, judge_evidence(about, situation, evaluator));
  if (judged.check.reason.empty()) judged.check.answer = found + "; " + judged.check.answer;
  return judged;
}

}  // namespace

Result<GateResult> judge_artifact(const Gate& gate, const Situation& situation, Evaluator& evaluator) {
  SIGNALBOX_TRY(GateResult judged, judge_candidate(gate, situation, evaluator));
  if (!judged.check.reason.empty()) return judged;
  if (auto refusal = look_at_release_before(gate, situation))
    return red(gate, std::move(judged), std::move(*refusal));
  return judged;
}

}  // namespace signalbox::gates
