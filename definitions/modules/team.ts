import type { Module } from '../module.ts'
import { field, lookup } from './fields.ts'

/* Who works with the CRM. People who write to us for the first time are given to users, or to the users of groups or roles. */

export const users: Module = {
  kind: 'module',
  name: 'Users',
  labels: { ja: 'ユーザー', en: 'Users' },
  title: 'Full_Name',
  // A colleague who writes is known by this, and becomes no lead.
  phone: 'Mobile',
  fields: {
    Full_Name: field('text', '氏名', 'Full Name', { required: true }),
    Email: field('email', 'メール', 'Email'),
    Mobile: field('phone', '携帯番号', 'Mobile'),
    Role: lookup('役割', 'Role', 'Roles'),
    Active: field('boolean', '有効', 'Active'),
    Language: field('text', '言語', 'Language'),
    Time_Zone: field('text', 'タイムゾーン', 'Time Zone'),
  },
}

export const groups: Module = {
  kind: 'module',
  name: 'Groups',
  labels: { ja: 'グループ', en: 'Groups' },
  title: 'Name',
  fields: {
    Name: field('text', 'グループ名', 'Name', { required: true }),
    // Ids of users, or `{ "id": … }` as some CRMs write them.
    Members: field('json', 'メンバー', 'Members'),
    Description: field('textarea', '詳細情報', 'Description'),
  },
}

export const roles: Module = {
  kind: 'module',
  name: 'Roles',
  labels: { ja: '役割', en: 'Roles' },
  title: 'Name',
  fields: {
    Name: field('text', '役割名', 'Name', { required: true }),
    Reports_To: lookup('上位の役割', 'Reports To', 'Roles'),
    Description: field('textarea', '詳細情報', 'Description'),
  },
}
