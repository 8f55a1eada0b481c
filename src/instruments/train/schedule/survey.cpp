#include "instruments/train/schedule/survey.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/config/config.hpp"
#include "instruments/train/plan_reader.hpp"
#include "instruments/train/schedule/past_reader.hpp"

namespace signalbox::train::schedule {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxJobs = 40;
constexpr std::size_t kMaxPackages = 100;
constexpr std::array kManifests = {"package.json", "Cargo.toml", "pyproject.toml",
                                   "go.mod",       "pom.xml",    "CMakeLists.txt"};

// In one line, and nobody's expression: what may stand in a comment of YAML.
bool is_plain(const std::string& name) {
  return !name.empty() && name.find("${{") == std::string::npos && name.find('\n') == std::string::npos &&
         is_utf8(name) && printable(name) == name;
}

// Entries of a folder, by name; none where it cannot be read.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    out.push_back(at->path());
  std::sort(out.begin(), out.end());
  return out;
}

void look_for_jobs(const fs::path& root, Survey& out) {
  const auto take = [&](const fs::path& file, const std::vector<std::string>& jobs) {
    std::string name = file.lexically_relative(root).generic_string();
    if (jobs.empty() || !is_plain(name)) return;
    if (out.ci_file.empty()) out.ci_file = std::move(name);
    for (const std::string& job : jobs) {
      if (out.jobs.size() < kMaxJobs && std::find(out.jobs.begin(), out.jobs.end(), job) == out.jobs.end())
        out.jobs.push_back(job);
    }
  };
  for (const fs::path& file : entries_of(root / ".github/workflows")) {
    if (file.extension() != ".yml" && file.extension() != ".yaml") continue;
    if (const auto text = read_file(file, kMaxFileBytes)) take(file, jobs_of_workflow(*text));
  }
  if (const auto text = read_file(root / ".gitlab-ci.yml", kMaxFileBytes))
    take(root / ".gitlab-ci.yml", jobs_of_gitlab(*text));
}

// Folders that hold what a package manager takes for a package, side by side.
void look_for_packages(const fs::path& root, Survey& out) {
  for (const char* above : {"packages", "crates", "libs", "modules"}) {
    for (const fs::path& folder : entries_of(root / above)) {
      std::error_code error;
      const bool is_package = std::any_of(kManifests.begin(), kManifests.end(), [&](const char* name) {
        return fs::is_regular_file(folder / name, error);
      });
      std::string path = folder.lexically_relative(root).generic_string();
      if (is_package && is_plain(path) && out.packages.size() < kMaxPackages)
        out.packages.push_back(std::move(path));
    }
  }
}

Status look_at_the_past(const Workspace& workspace, Survey& out) {
  SIGNALBOX_TRY(const std::vector<PastRelease> past, read_past(workspace, std::nullopt));
  out.releases = past.size();
  if (!past.empty()) out.last_release = past.back().tag;
  if (const auto advice = advise(past, {})) out.cadence = advice->cadence;
  return {};
}

}  // namespace

Result<Survey> survey(const Workspace& workspace) {
  Survey out;
  look_for_jobs(workspace.root, out);
  look_for_packages(workspace.root, out);
  out.has_changelog = fs::exists(workspace.root / "CHANGELOG.md");
  const auto repository = open_repository(workspace);
  if (!repository) return out;
  if (const auto url = repository->remote_url()) out.github = github_repository(*url);
  SIGNALBOX_CHECK(look_at_the_past(workspace, out));
  return out;
}

std::vector<std::string> jobs_of_workflow(std::string_view yaml) {
  std::vector<std::string> out;
  const auto root = config::parse_yaml(yaml, "workflow");
  if (!root) return out;
  for (const auto& [id, job] : (*root)["jobs"].members()) {
    const auto name = job["name"].text();
    const std::string shown = name ? *name : id;
    // A matrix makes several runs, each named by its values.
    if (is_plain(shown) && !job["strategy"]["matrix"].exists()) out.push_back(shown);
  }
  return out;
}

std::vector<std::string> jobs_of_gitlab(std::string_view yaml) {
  std::vector<std::string> out;
  const auto root = config::parse_yaml(yaml, ".gitlab-ci.yml");
  if (!root) return out;
  for (const auto& [name, job] : root->members()) {
    const bool runs = job["script"].exists() || job["trigger"].exists() || job["extends"].exists();
    if (runs && is_plain(name) && !name.starts_with('.') && name != "default") out.push_back(name);
  }
  return out;
}

std::string github_repository(std::string_view url) {
  for (const std::string_view host : {"https://github.com/", "ssh://git@github.com/", "git@github.com:"}) {
    if (!url.starts_with(host)) continue;
    std::string_view path = url.substr(host.size());
    while (path.ends_with('/')) path.remove_suffix(1);
    if (path.ends_with(".git")) path.remove_suffix(4);
    const bool is_name = std::count(path.begin(), path.end(), '/') == 1 && !path.starts_with('/') &&
                         !path.ends_with('/') && std::all_of(path.begin(), path.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                  (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/';
                         });
    if (is_name) return std::string(path);
  }
  return {};
}

}  // namespace signalbox::train::schedule
