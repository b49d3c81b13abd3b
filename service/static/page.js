// What every page runs when it has been read: nothing here is needed to read it.

import { equip } from "./card.js";
import { equipManage } from "./manage.js";
import { equipReading } from "./reading.js";
import { equipThread } from "./thread.js";
import { showTray } from "./tray.js";
import { equipTrayPage } from "./tray-page.js";

showTray();
document.querySelectorAll(".card").forEach((card) => equip(/** @type {HTMLElement} */ (card)));
equipTrayPage();
equipThread();
equipReading();
equipManage();
