#include "commands/allow/allow.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/config.hpp"
#include "core/gates/allow.hpp"
#include "core/git/repository.hpp"

namespace signalbox::allow {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShownDigits = 12;

// A command or an address that a configuration names, and where.
struct Named {
  std::string where;
  std::string text;
};

struct NamedThings {
  std::vector<Named> commands, addresses;
};

// What a key says of the lists below it: of `hooks` and `driver` each list of words is a command, beside
// others (pools of servers are a map).
enum class Region { any, of_commands };

bool is_address_key(std::string_view key) {
  return key == "url" || key == "api" || key == "prometheus" || key == "server";
}

// `[curl, -f]`, or a list of such lists.
void collect_lists(const config::Node& node, std::vector<Named>& out) {
  if (const auto words = node.texts(); node.is_list() && words) {
    out.push_back({node.where(), join(*words, " ")});
    return;
  }
  for (const config::Node& item : node.items()) collect_lists(item, out);
}

void collect(const config::Node& node, Region region, NamedThings& out) {
  for (const auto& [key, child] : node.members()) {
    const auto words = child.texts();
    const bool holds_commands = key == "hooks" || key == "driver" || key == "rehearsal";
    if ((key == "command" || key == "run") && words) {
      out.commands.push_back({child.where(), join(*words, " ")});
    } else if (is_address_key(key) && words) {
      out.addresses.push_back({child.where(), join(*words, " ")});
    } else if (key == "url_env" && words) {
      out.addresses.push_back({child.where(), "$" + join(*words, " ")});
    } else if (region == Region::of_commands && child.is_list()) {
      collect_lists(child, out.commands);
    } else if (key != "pools") {
      collect(child, holds_commands ? Region::of_commands : region, out);
    }
  }
  for (const config::Node& item : node.items()) collect(item, region, out);
}

Table table_of(std::string title, std::string what, const std::vector<Named>& named) {
  Table table{std::move(title), {{"where"}, {std::move(what)}}, {}};
  for (const Named& one : named) table.rows.push_back({one.where, one.text});
  return table;
}

// The workspace's configuration files that are there, relative to its root.
std::vector<std::string> files_in_the_work_tree(const Workspace& workspace) {
  std::vector<std::string> out;
  if (workspace.file) out.emplace_back("signalbox.yaml");
  std::error_code error;
  for (fs::directory_iterator entry(workspace.root / "signalbox", error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".yaml") out.push_back("signalbox/" + entry->path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The path from the top of the repository's work tree to the workspace, "" or "sub/folder/".
std::string prefix_in_repository(const Workspace& workspace) {
  std::error_code ignored;
  for (fs::path top = workspace.root; top.has_relative_path(); top = top.parent_path()) {
    if (!fs::exists(top / ".git", ignored)) continue;
    const std::string between = workspace.root.lexically_relative(top).generic_string();
    return between == "." ? "" : between + "/";
  }
  return {};
}

// The configurations to be allowed: of the work tree, or of a commit.
Result<std::vector<gates::Configuration>> configurations(const Workspace& workspace,
                                                         std::string_view revision) {
  std::vector<gates::Configuration> out;
  if (revision.empty()) {
    for (const std::string& file : files_in_the_work_tree(workspace)) {
      SIGNALBOX_TRY(std::string octets, read_file(workspace.root / file, config::kMaxYamlBytes));
      out.push_back(gates::configuration_of(workspace, file, std::move(octets), revision));
    }
    return out;
  }
  SIGNALBOX_TRY(const auto repository, git::Repository::open(workspace.root));
  std::vector<std::string> files = files_in_the_work_tree(workspace);
  for (const char* usual : {"signalbox.yaml", "signalbox/train.yaml"}) {
    if (std::find(files.begin(), files.end(), usual) == files.end()) files.emplace_back(usual);
  }
  SIGNALBOX_CHECK(repository.resolve(revision));
  for (const std::string& file : files) {
    auto octets = repository.file_at(revision, prefix_in_repository(workspace) + file);
    if (!octets && octets.error().kind == ErrorKind::not_found) continue;
    if (!octets) return fail(octets.error());
    out.push_back(gates::configuration_of(workspace, file, std::move(*octets), revision));
  }
  return out;
}

Result<cli::Outcome> allow_now(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const auto found, configurations(context.workspace, arguments.get_or("--revision", "")));
  if (found.empty()) {
    return fail(ErrorKind::not_found, context.workspace.root.string() + ": there is no signalbox.yaml",
                "signalbox init writes one");
  }
  Report report;
  report.instrument = "allow";
  report.title = "Commands of " + context.workspace.name;
  NamedThings named;
  for (const gates::Configuration& one : found) {
    SIGNALBOX_TRY(const config::Node document, config::parse_yaml(one.octets, one.path));
    collect(document, Region::any, named);
    SIGNALBOX_CHECK(gates::allow(one.octets, one.path, context.clock.now()));
    report.facts.push_back({one.path, to_hex(sha256(one.octets)).substr(0, kShownDigits), ""});
  }
  report.summary = named.commands.empty() ? "allowed; it names no command"
                                          : fmt::format("allowed {}, until the file changes",
                                                        counted(named.commands.size(), "command"));
  if (!named.commands.empty())
    report.tables.push_back(table_of("Commands that may run now", "command", named.commands));
  if (!named.addresses.empty())
    report.tables.push_back(table_of("Addresses that may be asked now", "address", named.addresses));
  return report;
}

Result<cli::Outcome> list(const cli::Context&) {
  SIGNALBOX_TRY(const auto all, gates::allowances());
  Report report;
  report.instrument = "allow";
  report.title = "Configurations whose commands may run on this machine";
  report.summary = all.empty() ? "none" : fmt::format("{} allowed", all.size());
  Table table{"", {{"file"}, {"digest"}, {"allowed"}}, {}};
  for (const gates::Allowance& one : all)
    table.rows.push_back({one.path, one.digest.substr(0, kShownDigits), to_rfc3339(one.time)});
  if (!all.empty()) report.tables.push_back(std::move(table));
  return report;
}

Result<cli::Outcome> revoke(const cli::Context& context) {
  SIGNALBOX_TRY(const auto all, gates::allowances());
  const std::string root = context.workspace.root.string() + "/";
  std::size_t count = 0;
  for (const gates::Allowance& one : all) {
    if (!one.path.starts_with(root)) continue;
    SIGNALBOX_TRY(const std::size_t revoked, gates::revoke(one.path));
    count += revoked;
  }
  Report report;
  report.instrument = "allow";
  report.title = "Commands of " + context.workspace.name;
  report.summary = fmt::format("revoked {}; none of its commands runs now", counted(count, "allowance"));
  return report;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  const bool listing = arguments.has("--list");
  const bool revoking = arguments.has("--revoke");
  if (listing + revoking + arguments.has("--revision") > 1)
    return fail(ErrorKind::bad_input, "--list, --revoke and --revision exclude each other");
  if (listing) return list(context);
  return revoking ? revoke(context) : allow_now(arguments, context);
}

}  // namespace

cli::Command command() {
  cli::Command command;
  command.name = "allow";
  command.summary = "Allow the commands of a configuration to run";
  command.details =
      "A gate may name a command. It runs only where exactly this configuration was allowed on this machine: "
      "after any change of the file, and in any other clone, it has to be allowed again. Read the commands "
      "before you allow them; what the scripts they name do is not covered by the digest.";
  command.options = {
      {.name = "--revision", .value = "REV", .help = "allow the configuration as it is in this commit"},
      {.name = "--list", .help = "show what is allowed on this machine"},
      {.name = "--revoke", .help = "allow nothing of this workspace any more"}};
  command.run = run;
  return command;
}

}  // namespace signalbox::allow
