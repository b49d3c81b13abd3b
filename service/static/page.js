// What every page runs when it has been read: nothing here is needed to read it.

import { equipBrush } from "./brush.js";
import { equip } from "./card.js";
import { equipKeys } from "./keys.js";
import { equipManage } from "./manage.js";
import { equipReading } from "./reading.js";
import { equipThread } from "./thread.js";
import { showThreads } from "./threads.js";
import { showTray } from "./tray.js";
import { equipTrayPage } from "./tray-page.js";

showTray();
document.querySelectorAll(".card").forEach((card) => equip(/** @type {HTMLElement} */ (card)));
equipTrayPage();
equipThread();
equipReading();
equipKeys();
equipBrush(document);
showThreads();
equipManage();
