#include "instruments/train/notes_template.hpp"

#include "core/base/file.hpp"
#include "core/template/template.hpp"

namespace signalbox::train {
namespace {

Json* member(Json& object, std::string_view name) {
  for (auto& [key, value] : object.members()) {
    if (key == name) return &value;
  }
  return nullptr;
}

void complete(Json& passenger) {
  if (passenger.find("breaking_note") == nullptr) passenger.set("breaking_note", "");
  if (passenger.find("parts") == nullptr) passenger.set("parts", Json::array());
}

}  // namespace

Result<std::string> fill_template(const std::string& file, Json notes) {
  SIGNALBOX_TRY(const std::string text, read_file(file, templates::kMaxTemplateBytes + 1));
  SIGNALBOX_TRY(const templates::Template parsed, templates::Template::parse(text, file));
  if (Json* sections = member(notes, "sections")) {
    for (Json& section : sections->items()) {
      Json* passengers = member(section, "passengers");
      if (passengers == nullptr) continue;
      for (Json& passenger : passengers->items()) complete(passenger);
    }
  }
  return parsed.render(notes);
}

}  // namespace signalbox::train
