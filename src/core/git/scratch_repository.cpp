#include "core/git/scratch_repository.hpp"

#include <cstdlib>

#include <fmt/core.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace signalbox::git {
namespace {

std::string data_command(std::string_view octets) {
  return fmt::format("data {}\n{}\n", octets.size(), octets);
}

}  // namespace

int History::commit(CommitPlan plan) {
  const int mark = ++count_;
  commands_ += fmt::format("commit refs/heads/main\nmark :{}\nauthor {} {} +0000\ncommitter {} {} +0000\n",
                           mark, plan.author, plan.time_s, plan.author, plan.time_s);
  commands_ += data_command(plan.message);
  for (std::size_t i = 0; i < plan.parents.size(); ++i)
    commands_ += fmt::format("{} :{}\n", i == 0 ? "from" : "merge", plan.parents[i]);
  for (const auto& [path, content] : plan.files)
    commands_ += fmt::format("M 100644 inline {}\n{}", path, data_command(content));
  // A commit without parents on a branch that exists would continue it: each root starts the branch afresh.
  if (plan.parents.empty())
    commands_.insert(commands_.rfind(fmt::format("commit refs/heads/main\nmark :{}\n", mark)),
                     "reset refs/heads/main\n\n");
  return mark;
}

int History::commit(std::string message, std::vector<int> parents) {
  CommitPlan plan;
  plan.message = std::move(message);
  plan.parents = std::move(parents);
  plan.time_s += 60 * count_;
  return commit(std::move(plan));
}

std::string History::fast_import() const {
  std::string out = commands_;
  for (const auto& [name, commit] : refs_) out += fmt::format("reset {}\nfrom :{}\n\n", name, commit);
  return out + "done\n";
}

ScratchRepository::ScratchRepository(const History& history, Kind kind)
    : path_(folder_.path() / "repository") {
  std::filesystem::create_directory(path_);
  std::vector<std::string> init = {"init", "-q", "-b", "main"};
  if (kind == Kind::bare) init.emplace_back("--bare");
  git(init);
  git({"config", "user.name", "Ada Example"});
  git({"config", "user.email", "ada@example.org"});
  const std::filesystem::path marks = folder_.path() / "marks";
  git({"fast-import", "--quiet", "--done", "--export-marks=" + marks.string()}, history.fast_import());
  if (kind == Kind::with_work_tree) git({"reset", "-q", "--hard"});
  const std::string written = read_file(marks).value_or("");
  for (const std::string_view line : lines(written)) {
    const auto mark = static_cast<std::size_t>(parse_integer(line.substr(1, line.find(' ') - 1)).value_or(0));
    if (ids_.size() < mark + 1) ids_.resize(mark + 1);
    ids_[mark] = line.substr(line.find(' ') + 1);
  }
}

std::string ScratchRepository::id(int commit) const {
  return ids_.at(static_cast<std::size_t>(commit));
}

Repository ScratchRepository::open() const {
  auto repository = Repository::open(path_);
  if (!repository) {
    fmt::print(stderr, "{}\n", repository.error().message);
    std::abort();
  }
  return std::move(*repository);
}

std::string ScratchRepository::git(const std::vector<std::string>& arguments, std::string_view input) const {
  ProcessOptions options;
  options.directory = path_;
  options.input = input;
  options.deadline = std::chrono::minutes(5);  // for what hangs: a busy disk is waited for
  options.environment = {{"GIT_CONFIG_GLOBAL", "/dev/null"},
                         {"GIT_CONFIG_NOSYSTEM", "1"},
                         {"GIT_DIR", ""},
                         {"GIT_WORK_TREE", ""}};
  std::vector<std::string> argv = {"git", "-c", "core.fsync=none"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const auto result = run_process(argv, options);
  if (!result || result->exit_code != 0) {
    fmt::print(stderr, "git {}: {}\n", join(arguments, " "),
               result ? result->errors : result.error().message);
    std::abort();
  }
  std::string output = result->output;
  if (output.ends_with('\n')) output.pop_back();
  return output;
}

}  // namespace signalbox::git
