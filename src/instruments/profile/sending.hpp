// Options of commands that send profiles to a receiver, and the sending itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "instruments/profile/exchange/courier.hpp"
#include "instruments/profile/exchange/destination.hpp"
#include "instruments/profile/exchange/upload_spool.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// --to, --header, --label, --name.
std::vector<cli::Option> destination_options();
// Of these options and an address; SIGNALBOX_CA_FILE names authorities to trust instead of the system's.
// `app_option` names what was profiled.
Result<Destination> destination_from(const cli::Arguments& arguments, std::string_view url,
                                     std::string_view app_option = "--name");

// The authorities that SIGNALBOX_CA_FILE names; empty: the system's.
std::string ca_file_from_environment();

// What was profiled: the first program that the profile maps, else how its file is called.
std::string app_of(const Profile& profile, const std::string& file);

// The spool of a destination in a workspace: spool/ below profile/.
UploadSpool spool_of(const Workspace& workspace, const Destination& destination);

}  // namespace signalbox::profile
