CREATE TABLE `accountState` (
	`id` text PRIMARY KEY NOT NULL,
	`body` text NOT NULL,
	`updatedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `document` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL,
	`updatedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `purchase` (
	`id` text PRIMARY KEY NOT NULL,
	`state` text NOT NULL,
	`body` text NOT NULL,
	`createdAt` integer NOT NULL,
	`revision` integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE INDEX `purchaseState` ON `purchase` (`state`,`id`);--> statement-breakpoint
CREATE TABLE `secret` (
	`name` text PRIMARY KEY NOT NULL,
	`sealed` text NOT NULL,
	`updatedAt` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `spending` (
	`day` text NOT NULL,
	`template` text NOT NULL,
	`definition` text NOT NULL,
	`market` text NOT NULL,
	`category` text NOT NULL,
	`numberId` text NOT NULL,
	`charged` integer NOT NULL,
	`free` integer NOT NULL,
	`micros` integer NOT NULL,
	PRIMARY KEY(`day`, `template`, `definition`, `market`, `category`, `numberId`)
);
--> statement-breakpoint
CREATE TABLE `queue` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`definition` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `queue_definition_unique` ON `queue` (`definition`);--> statement-breakpoint
CREATE TABLE `consentEntry` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`contactId` text NOT NULL,
	`at` integer NOT NULL,
	`direction` text NOT NULL,
	`scope` text NOT NULL,
	`by` text NOT NULL,
	`channel` text,
	`proof` text,
	`actor` text
);
--> statement-breakpoint
CREATE INDEX `consentEntryContact` ON `consentEntry` (`contactId`);--> statement-breakpoint
CREATE TABLE `suppressed` (
	`hash` text PRIMARY KEY NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
DROP INDEX `outboxDue`;--> statement-breakpoint
ALTER TABLE `outbox` ADD `queue` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `outboxUnheard` ON `outbox` (`acceptedAt`) WHERE state IN ('accepted', 'sent');--> statement-breakpoint
CREATE INDEX `outboxDue` ON `outbox` (`lane`,`queue`,`dueAt`,`id`) WHERE state IN ('queued', 'held');--> statement-breakpoint
DROP INDEX `reachLast`;--> statement-breakpoint
CREATE TABLE `__new_reach` (
	`portfolio` text NOT NULL,
	`who` text NOT NULL,
	`lastAt` integer NOT NULL,
	PRIMARY KEY(`portfolio`, `who`)
);
--> statement-breakpoint
INSERT INTO `__new_reach` (`portfolio`, `who`, `lastAt`) SELECT `accountId`, `who`, `lastAt` FROM `reach` CROSS JOIN (SELECT DISTINCT `accountId` FROM `numberState`);--> statement-breakpoint
INSERT INTO `tally` (`name`, `count`) SELECT 'reach/' || `portfolio`, count(*) FROM `__new_reach` GROUP BY `portfolio`;--> statement-breakpoint
DELETE FROM `tally` WHERE `name` = 'reach';--> statement-breakpoint
DROP TABLE `reach`;--> statement-breakpoint
ALTER TABLE `__new_reach` RENAME TO `reach`;--> statement-breakpoint
CREATE INDEX `reachLast` ON `reach` (`portfolio`,`lastAt`);--> statement-breakpoint
ALTER TABLE `numberState` ADD `nameStatus` text;--> statement-breakpoint
ALTER TABLE `numberState` ADD `platform` text;--> statement-breakpoint
ALTER TABLE `numberState` ADD `intake` text;--> statement-breakpoint
ALTER TABLE `numberState` ADD `troubles` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `templateState` ADD `definition` text;--> statement-breakpoint
ALTER TABLE `templateState` ADD `definitionVersion` integer;--> statement-breakpoint
ALTER TABLE `templateState` ADD `pausedUntil` integer;--> statement-breakpoint
ALTER TABLE `templateState` ADD `agreedCategory` text;--> statement-breakpoint
ALTER TABLE `templateState` ADD `nextCategory` text;--> statement-breakpoint
ALTER TABLE `templateState` ADD `checkedAt` integer;--> statement-breakpoint
ALTER TABLE `notification` ADD `notice` text;--> statement-breakpoint
ALTER TABLE `contact` ADD `cappedUntil` integer;--> statement-breakpoint
ALTER TABLE `contact` ADD `unreachable` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `contact` ADD `unreachableAt` integer;--> statement-breakpoint
CREATE INDEX `contactMerged` ON `contact` (`mergedInto`) WHERE mergedInto IS NOT NULL;--> statement-breakpoint
ALTER TABLE `conversation` ADD `freeUntil` integer;--> statement-breakpoint
INSERT INTO `queue` (`definition`) SELECT DISTINCT CASE instr(`definition`, '@') WHEN 0 THEN `definition` ELSE substr(`definition`, 1, instr(`definition`, '@') - 1) END FROM `outbox` WHERE `state` IN ('queued', 'held');--> statement-breakpoint
UPDATE `outbox` SET `queue` = (SELECT `seq` FROM `queue` WHERE `queue`.`definition` = CASE instr(`outbox`.`definition`, '@') WHEN 0 THEN `outbox`.`definition` ELSE substr(`outbox`.`definition`, 1, instr(`outbox`.`definition`, '@') - 1) END)
	+ CASE coalesce((SELECT `category` FROM `templateState` WHERE `templateState`.`name` = `outbox`.`template` AND `templateState`.`language` = `outbox`.`language`), `intent` ->> '$.category')
		WHEN 'MARKETING' THEN 1000000000 ELSE 0 END
WHERE `state` IN ('queued', 'held');--> statement-breakpoint
INSERT INTO `tally` (`name`, `count`) SELECT 'service/' || `lane` || '/' || strftime('%Y-%m', `claimedAt` / 1000, 'unixepoch'), count(*) FROM `outbox`
WHERE `form` = 'text' AND `claimedAt` IS NOT NULL AND `state` IN ('sending', 'unknown', 'accepted', 'sent', 'delivered', 'read', 'gave_up') GROUP BY 1;--> statement-breakpoint
INSERT INTO `tally` (`name`, `count`) SELECT 'kept/' || `field`, count(*) FROM `kept` GROUP BY `field`;
