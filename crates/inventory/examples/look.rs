#![allow(warnings)]
use bartizan_inventory::*;
use std::{fs, io::{self, Read}, path::*};
struct T(PathBuf, Vec<File>);
fn walk(root:&Path, dir:&Path, out:&mut Vec<File>){ let Ok(r)=fs::read_dir(dir) else {return}; for e in r.flatten(){ let p=e.path(); let n=e.file_name(); if n==".git"||n=="target"||n==".bartizan"{continue} let Ok(m)=fs::symlink_metadata(&p) else{continue}; if m.is_dir(){walk(root,&p,out)} else if m.is_file(){ out.push(File{name:p.strip_prefix(root).unwrap().to_string_lossy().into_owned(),size:m.len()})}}}
impl Tree for T{ fn files(&self)->&[File]{&self.1} fn head(&self,n:&str,m:usize)->io::Result<Vec<u8>>{ let mut v=vec![]; fs::File::open(self.0.join(n))?.take(m as u64).read_to_end(&mut v)?; Ok(v)}}
fn main(){ for a in std::env::args().skip(1){ let root=PathBuf::from(&a); let mut f=vec![]; walk(&root,&root,&mut f); let t=T(root.clone(),f); let inv=discover(&t,&Limits::default());
 let text=fs::read_to_string(root.join("bartizan.toml")).ok(); let own=text.is_some();
 let text=text.unwrap_or_else(||project_file(&inv,"x",&Answers::default()));
 let text2=text; let p=bartizan_project::parse(&text2); println!("== {a}: {} files, own {own}, faults {}",inv.files,p.faults.len()); let p=p.project.unwrap();
 for u in undeclared(&inv,&p){ println!("  {} {} {}",u.occurrence.rule.code,u.severity,u.occurrence.message);}
 if std::env::var("BARE").is_ok(){ println!("  -- bare:"); for u in undeclared(&inv,&bartizan_project::Project::bare("x")){ let m=&u.occurrence.message; println!("  {} {} {}",u.occurrence.rule.code,u.severity,m.chars().take(220).collect::<String>());} }
}}
