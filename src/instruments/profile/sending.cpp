#include "instruments/profile/sending.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/exchange/profiled_app.hpp"

namespace signalbox::profile {

std::vector<cli::Option> destination_options() {
  return {
      {"--to", "RECEIVER", "what answers there", receiver_names(), false},
      {"--header", "NAME=VALUE", "send this header, too: Authorization, X-Scope-OrgID …", {}, true},
      {"--label", "NAME=VALUE", "say this of the profile", {}, true},
      {"--name", "APP", "what was profiled; default: the program", {}, false},
  };
}

Result<Destination> destination_from(const cli::Arguments& arguments, std::string_view url,
                                     std::string_view app_option) {
  const auto name = arguments.get("--to");
  if (!name)
    return fail(ErrorKind::bad_input, "--to is not given: what answers there?",
                "--to " + join(receiver_names(), ", --to "));
  const auto receiver = receiver_from(*name);
  if (!receiver)
    return fail(ErrorKind::bad_input,
                fmt::format("--to {}: is none of {}", printable(*name), join(receiver_names(), ", ")));
  SIGNALBOX_TRY(Destination out,
                destination_of(*receiver, url, arguments.all("--header"), arguments.all("--label")));
  if (const auto app = arguments.get(app_option)) {
    if (app->empty() || app_name(*app) != *app)
      return fail(ErrorKind::bad_input, fmt::format("{} {}: is no name", app_option, printable(*app)),
                  "letters, digits, '_', '-', '.' and '/'");
    out.app = *app;
  }
  out.ca_file = ca_file_from_environment();
  return out;
}

std::string ca_file_from_environment() {
  const char* const file = std::getenv("SIGNALBOX_CA_FILE");
  return file == nullptr ? std::string() : std::string(trim(file));
}

std::string app_of(const Profile& profile, const std::string& file) {
  std::string app = profiled_app(profile);
  if (!app.empty()) return app;
  const std::string name = std::filesystem::path(file).filename().string();
  return app_name(name.substr(0, name.find('.')));
}

UploadSpool spool_of(const Workspace& workspace, const Destination& destination) {
  return UploadSpool::of(workspace.state / "profile" / "spool", destination);
}

}  // namespace signalbox::profile
