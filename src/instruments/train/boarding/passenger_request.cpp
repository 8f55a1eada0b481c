#include "instruments/train/boarding/passenger_request.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train {
namespace {

namespace fs = std::filesystem;
using config::Node;

constexpr std::size_t kMaxLineBytes = 500;
constexpr std::size_t kMaxFlags = 50;

Status read_line(const Node& node, std::string& out) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(out, node.text());
  if (out.size() > kMaxLineBytes) return node.wrong(fmt::format("more than {} bytes", kMaxLineBytes));
  if (out.find('\n') != std::string::npos) return node.wrong("one line is expected here");
  return {};
}

Result<std::string> read_change(const Node& document) {
  const Node commit = document["commit"];
  const Node pull_request = document["pr"];
  if (commit.exists() == pull_request.exists())
    return document.wrong("a passenger has either commit or pr", "commit: 1a2b3c4, or pr: 123");
  if (commit.exists()) return commit.text();
  SIGNALBOX_TRY(const std::int64_t number, pull_request.integer());
  if (number <= 0) return pull_request.wrong("the number of a pull request is expected");
  return fmt::format("#{}", number);
}

Result<CheckAnswer> read_answer(const Node& node) {
  if (!node.is_map()) {
    SIGNALBOX_TRY(const std::string text, node.text());
    auto answer = parse_check_answer(text);
    if (!answer) return node.wrong(answer.error().message, answer.error().hint);
    return answer;
  }
  SIGNALBOX_CHECK(node.only({"evidence", "n/a", "attested"}));
  const auto members = node.members();
  if (members.size() != 1)
    return node.wrong("one answer is expected", "{evidence: 12}, {n/a: REASON} or {attested: TEXT}");
  const auto& [name, value] = members.front();
  CheckAnswer out;
  if (name == "evidence") {
    SIGNALBOX_TRY(const std::int64_t index, value.integer());
    if (index < 0) return value.wrong("the number of an entry of the log is expected");
    out.state = CheckState::proved;
    out.evidence = static_cast<std::uint64_t>(index);
    return out;
  }
  SIGNALBOX_TRY(out.text, value.text());
  if (trim(out.text).empty()) return value.wrong("an answer that says nothing");
  out.state = name == "n/a" ? CheckState::not_applicable : CheckState::attested;
  return out;
}

Result<Checklist> read_checks(const Node& node) {
  Checklist out;
  if (!node.exists()) return out;
  if (!node.is_map()) return node.wrong("a map is expected here", "tests: \"#12\"");
  SIGNALBOX_CHECK(node.only(check_item_names()));
  for (const auto& [name, value] : node.members()) {
    if (!value.exists()) continue;
    SIGNALBOX_TRY(out[*check_item_from(name)], read_answer(value));
  }
  return out;
}

}  // namespace

Result<PassengerRequest> parse_passenger(const Node& document) {
  if (!document.is_map()) return document.wrong("a map is expected here", "commit: 1a2b3c4");
  SIGNALBOX_CHECK(document.only({"commit", "pr", "train", "owner", "risk", "rollback", "flags", "epic",
                                 "note", "risk_note", "migration", "checklist"}));
  PassengerRequest out;
  SIGNALBOX_TRY(out.change, read_change(document));
  if (const Node node = document["train"]; node.exists()) {
    SIGNALBOX_TRY(const std::string train, node.text());
    const auto status = check_train_id(train);
    if (!status) return node.wrong(status.error().message, status.error().hint);
    out.train = train;
  }
  if (const Node node = document["risk"]; node.exists()) {
    SIGNALBOX_TRY(const std::string name, node.text());
    out.risk = risk_from(name);
    if (!out.risk) return node.wrong(fmt::format("`{}` is none of low, medium, high", printable(name)));
  }
  SIGNALBOX_CHECK(read_line(document["owner"], out.owner));
  SIGNALBOX_CHECK(read_line(document["rollback"], out.rollback_plan));
  SIGNALBOX_CHECK(read_line(document["epic"], out.epic));
  SIGNALBOX_CHECK(read_line(document["note"], out.note));
  SIGNALBOX_CHECK(read_line(document["risk_note"], out.risk_note));
  if (const Node node = document["flags"]; node.exists()) {
    SIGNALBOX_TRY(out.flags, node.texts());
    if (out.flags.size() > kMaxFlags) return node.wrong(fmt::format("more than {} flags", kMaxFlags));
  }
  if (const Node node = document["migration"]; node.exists()) {
    SIGNALBOX_TRY(const std::string text, node.text());
    auto step = parse_migration_step(text);
    if (!step) return node.wrong(step.error().message, step.error().hint);
    out.migration = std::move(*step);
  }
  SIGNALBOX_TRY(out.checks, read_checks(document["checklist"]));
  return out;
}

Result<std::vector<PassengerRequest>> read_passenger_files(const Workspace& workspace) {
  const fs::path folder = workspace.root / "signalbox" / "train" / "passengers";
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".yaml") files.push_back(at->path());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return fail(ErrorKind::unavailable, fmt::format("{}: {}", folder.string(), error.message()));
  if (files.size() > kMaxPassengerFiles)
    return fail(ErrorKind::bad_input,
                fmt::format("{}: more than {} files", folder.string(), kMaxPassengerFiles));
  std::sort(files.begin(), files.end());
  std::vector<PassengerRequest> out;
  for (const fs::path& file : files) {
    const std::string name = fs::relative(file, workspace.root).string();
    SIGNALBOX_TRY(const std::string octets, read_file(file, config::kMaxYamlBytes));
    SIGNALBOX_TRY(const Node document, config::parse_yaml(octets, name));
    SIGNALBOX_TRY(PassengerRequest request, parse_passenger(document));
    request.source = name;
    out.push_back(std::move(request));
  }
  return out;
}

}  // namespace signalbox::train
