DROP INDEX `timerInstance`;--> statement-breakpoint
DROP INDEX `timerDefinition`;--> statement-breakpoint
DROP INDEX `timerDue`;--> statement-breakpoint
DROP INDEX `timerRecord`;--> statement-breakpoint
ALTER TABLE `timer` ADD `visit` integer;--> statement-breakpoint
UPDATE `timer` SET `visit` = `timer` ->> '$.visit' WHERE `kind` = 'instance';--> statement-breakpoint
CREATE INDEX `timerDue` ON `timer` (`dueAt`,`id`,`definition`,`kind`) WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX `timerRecord` ON `timer` (`module`,`recordId`,`visit`);