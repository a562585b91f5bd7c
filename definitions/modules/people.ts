import type { Module } from '../module.ts'
import { address, field, leadSource, lookup, picklist, shared } from './fields.ts'

/** Which number, language, zone and consent a send to this person goes by. */
const roles = { phone: 'Mobile', language: 'Language', zone: 'Time_Zone', consent: 'WhatsApp_Opt_In' }

const person = {
  First_Name: field('text', '名', 'First Name'),
  Last_Name: field('text', '姓', 'Last Name', { required: true }),
  Full_Name: field('text', '氏名', 'Full Name'),
  Salutation: field('text', '敬称', 'Salutation'),
  Title: field('text', '役職', 'Title'),
  Email: field('email', 'メール', 'Email'),
  Secondary_Email: field('email', '予備のメール', 'Secondary Email'),
  Phone: field('phone', '電話番号', 'Phone'),
  Mobile: field('phone', '携帯番号', 'Mobile'),
  Language: field('text', '言語', 'Language'),
  Time_Zone: field('text', 'タイムゾーン', 'Time Zone'),
  WhatsApp_Opt_In: field('boolean', 'WhatsAppの受信に同意', 'WhatsApp Opt-In'),
  Lead_Source: leadSource,
}

export const leads: Module = {
  kind: 'module',
  name: 'Leads',
  labels: { ja: '見込み客', en: 'Leads' },
  title: 'Last_Name',
  ...roles,
  fields: {
    ...person,
    Company: field('text', '会社', 'Company'),
    Website: field('url', 'Webサイト', 'Website'),
    Industry: field('text', '業種', 'Industry'),
    Lead_Status: picklist('見込み客のステータス', 'Lead Status', [
      'New',
      'Not Contacted',
      'Attempted to Contact',
      'Contact in Future',
      'Contacted',
      'Pre-Qualified',
      'Not Qualified',
      'Junk Lead',
      'Lost Lead',
      'Converted',
    ]),
    Rating: picklist('評価', 'Rating', ['Acquired', 'Active', 'Market Failed', 'Project Cancelled', 'Shut Down']),
    No_of_Employees: field('integer', '従業員数', 'No. of Employees'),
    Annual_Revenue: field('currency', '年間売上', 'Annual Revenue'),
    Email_Opt_Out: field('boolean', 'メール配信不要', 'Email Opt Out'),
    ...address(''),
    ...shared,
  },
}

export const contacts: Module = {
  kind: 'module',
  name: 'Contacts',
  labels: { ja: '連絡先', en: 'Contacts' },
  title: 'Last_Name',
  ...roles,
  fields: {
    ...person,
    Account_Name: lookup('取引先名', 'Account Name', 'Accounts'),
    Department: field('text', '部署', 'Department'),
    Date_of_Birth: field('date', '誕生日', 'Date of Birth'),
    Email_Opt_Out: field('boolean', 'メール配信不要', 'Email Opt Out'),
    ...address('Mailing'),
    ...shared,
  },
}

export const accounts: Module = {
  kind: 'module',
  name: 'Accounts',
  labels: { ja: '取引先', en: 'Accounts' },
  title: 'Account_Name',
  fields: {
    Account_Name: field('text', '取引先名', 'Account Name', { required: true }),
    Account_Number: field('text', '取引先番号', 'Account Number'),
    Parent_Account: lookup('親取引先', 'Parent Account', 'Accounts'),
    Account_Type: picklist('取引先の種別', 'Account Type', [
      'Analyst',
      'Competitor',
      'Customer',
      'Distributor',
      'Integrator',
      'Investor',
      'Other',
      'Partner',
      'Press',
      'Prospect',
      'Reseller',
      'Supplier',
      'Vendor',
    ]),
    Phone: field('phone', '電話番号', 'Phone'),
    Website: field('url', 'Webサイト', 'Website'),
    Industry: field('text', '業種', 'Industry'),
    Employees: field('integer', '従業員数', 'Employees'),
    Annual_Revenue: field('currency', '年間売上', 'Annual Revenue'),
    ...address('Billing'),
    ...address('Shipping'),
    ...shared,
  },
}
